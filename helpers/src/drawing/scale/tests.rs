//! Axes put ticks where people look for them.

use super::*;

fn labels(scale: &Scale, length: f64) -> Vec<String> {
    scale.labels((length / 60.0) as usize)
}

#[test]
fn decades_are_written_in_their_own_unit() {
    let scale = Scale::fitting(&[1.46, 301e3], Unit::Time);
    assert!(scale.log);
    assert_eq!(labels(&scale, 500.0), ["1 ns", "10 ns", "100 ns", "1 µs", "10 µs", "100 µs", "500 µs"]);
}

#[test]
fn two_decades_are_split_at_two_and_five() {
    let scale = Scale::fitting(&[10.0, 1000.0], Unit::Time);
    assert_eq!(labels(&scale, 500.0), ["10 ns", "20 ns", "50 ns", "100 ns", "200 ns", "500 ns", "1 µs"]);
}

#[test]
fn nine_decades_stay_apart() {
    let scale = Scale::fitting(&[1.0, 1e9], Unit::Time);
    assert_eq!(scale.ticks(5).len(), 10);
    assert_eq!(labels(&scale, 300.0), ["1 ns", "100 ns", "10 µs", "1 ms", "100 ms"]);
}

#[test]
fn every_mark_of_a_logarithmic_axis_lies_between_two_labels() {
    for power in 0..40 {
        let values =
            [1.46 * 1.37_f64.powi(power), 1.46 * 1.37_f64.powi(power) * 301.0 * f64::from(power + 1)];
        let scale = Scale::fitting(&values, Unit::Time);
        for most in 3..12 {
            let labelled: Vec<f64> = scale
                .ticks(most)
                .into_iter()
                .filter(|(_, labelled)| *labelled)
                .map(|(value, _)| value)
                .collect();
            let shares: Vec<f64> = labelled.iter().map(|value| scale.share(*value)).collect();
            assert!(
                shares.windows(2).all(|pair| pair[1] - pair[0] > 0.5 / most as f64),
                "{scale:?} {labelled:?}"
            );
            // Where a label found no room at an end, the next is near.
            let room = 0.81 / most as f64;
            assert!(
                shares[0] <= room && shares[shares.len() - 1] >= 1.0 - room,
                "{most} {scale:?} {labelled:?}"
            );
        }
    }
}

#[test]
fn a_sweep_is_ruled_at_its_places() {
    let doubling = Scale::of_places(&[1.0, 2.0, 4.0, 8.0, 16.0], Unit::Count);
    assert!(doubling.log);
    assert_eq!(doubling.labels(4), ["1", "2", "4", "8", "16"]);
    let shares: Vec<f64> = [1.0, 2.0, 4.0].map(|place| doubling.share(place)).into();
    assert!((shares[2] - shares[1] - (shares[1] - shares[0])).abs() < 1e-9);
    let even = Scale::of_places(&[1.0, 2.0, 3.0], Unit::Count);
    assert!(!even.log);
    assert_eq!(even.labels(9), ["1", "2", "3"]);
    assert_eq!(Scale::of_places(&[0.0, 50.0, 100.0], Unit::Count).labels(9), ["0", "50", "100"]);
    assert!(!Scale::of_places(&[4.0], Unit::Count).log);
}

#[test]
fn a_linear_axis_has_one_unit_and_starts_at_zero_unless_values_are_close() {
    assert_eq!(
        labels(&Scale::fitting(&[80.0, 164.0], Unit::Time), 300.0),
        ["0 ns", "50 ns", "100 ns", "150 ns"]
    );
    assert_eq!(labels(&Scale::linear(0.0, 1e8, Unit::Time), 500.0)[1], "20 ms");
    assert_eq!(labels(&Scale::fitting(&[163.2, 164.1], Unit::Time), 300.0), ["163.5 ns", "164.0 ns"]);
    assert_eq!(
        labels(&Scale::linear(-20.0, 20.0, Unit::Time), 300.0),
        ["−20 ns", "−10 ns", "0 ns", "10 ns", "20 ns"]
    );
}

#[test]
fn memory_shares_and_ratios_have_ticks_of_their_own() {
    let memory = Scale::linear(0.0, 600.0 * 1024.0, Unit::Bytes);
    assert_eq!(labels(&memory, 300.0), ["0 KiB", "200 KiB", "400 KiB", "600 KiB"]);
    let wide = Scale::fitting(&[4096.0, 1_073_741_824.0], Unit::Bytes);
    assert_eq!(labels(&wide, 600.0)[..3], ["4 KiB", "16 KiB", "64 KiB"]);
    assert_eq!(labels(&Scale::linear(0.0, 1.0, Unit::Share), 200.0), ["0 %", "50 %", "100 %"]);
    assert_eq!(labels(&Scale::linear(0.0, 2.0, Unit::Ratio), 300.0), ["0.0", "0.5", "1.0", "1.5", "2.0"]);
}

#[test]
fn no_data_breaks_a_scale() {
    for values in
        [vec![], vec![0.0], vec![5.0; 3], vec![f64::NAN], vec![0.0, 1e12], vec![-1.0, 1.0], vec![1e-9, 1e9]]
    {
        let scale = Scale::fitting(&values, Unit::Time);
        let ticks = scale.ticks(8);
        assert!((2..40).contains(&ticks.len()), "{values:?}: {ticks:?}");
        assert!(values.iter().filter(|v| v.is_finite()).all(|v| (0.0..=1.0).contains(&scale.share(*v))));
    }
}
