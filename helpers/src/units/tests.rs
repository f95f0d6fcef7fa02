//! Quantities read as people write them.

use super::*;

#[test]
fn a_duration_moves_up_a_unit_exactly_when_it_rounds_to_one() {
    assert_eq!(nanos(999.4).to_string(), "999 ns");
    assert_eq!(nanos(999.6).to_string(), "1.00 µs");
    assert_eq!(nanos(0.3).to_string(), "0.300 ns");
    assert_eq!(nanos(-1500.0).to_string(), "−1.50 µs");
    assert_eq!(nanos(0.0).to_string(), "0 ns");
}

#[test]
fn bytes_below_a_kibibyte_are_counted() {
    assert_eq!([Bytes(0), Bytes(1000), Bytes(8192)].map(|b| b.to_string()), ["0 B", "1000 B", "8.00 KiB"]);
}

#[test]
fn every_number_has_words() {
    let odd =
        [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 5e-324, f64::MIN_POSITIVE, f64::MAX, -f64::MAX];
    let mut random = fastrand::Rng::with_seed(5);
    let numbers = odd.into_iter().chain((0..2_000).map(|_| f64::from_bits(random.u64(..))));
    for number in numbers {
        for unit in [Unit::Time, Unit::Count, Unit::Bytes, Unit::Ratio, Unit::Share, Unit::Cpus] {
            assert!(!unit.words(number).is_empty());
        }
        let ratio = Ratio::of(&Ok(Nanos(number)), &Ok(Nanos(2.0)));
        assert_eq!(ratio.is_ok(), number.is_finite(), "{number}");
        assert!(
            Ratio::of(&Ok(Nanos(1.0)), &Ok(Nanos(number))).is_ok_and(|ratio| ratio.0.is_finite())
                || !(number > 1e-308 && number.is_finite())
        );
        assert!(Share::of(&Ok(Count(1)), &Ok(Count(0))).is_err());
    }
    assert_eq!(Bytes(u64::MAX).to_string(), "17,200,000,000 GiB");
    assert_eq!(Count(u64::MAX).to_string(), "18,446,744,073,709,551,615");
}
