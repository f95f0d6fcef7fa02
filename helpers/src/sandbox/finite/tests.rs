use super::*;
use std::collections::BTreeMap;

#[derive(Serialize)]
enum Form {
    Nothing,
    One(f64),
    Two(u8, Option<f32>),
    Named { low: Result<f64, String>, high: [f64; 2] },
}

#[test]
fn a_number_that_is_not_finite_is_found_wherever_it_stands() {
    let forms = |odd: f64| {
        [
            written(&odd),
            written(&vec![Some((1_u128, odd))]),
            written(&Form::One(odd)),
            written(&Form::Two(1, Some(odd as f32))),
            written(&Form::Named { low: Ok(odd), high: [0.0; 2] }),
            written(&Form::Named { low: Err(String::new()), high: [1.0, odd] }),
            written(&BTreeMap::from([("key", crate::units::Nanos(odd))])),
        ]
    };
    assert!(forms(1.5).iter().all(|form| form.as_ref().is_ok_and(|text| text.contains("1.5"))));
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let told = |form: &Result<String, Error>| {
            form.as_ref().is_err_and(|error| error.to_string().contains("isn't finite"))
        };
        assert!(forms(odd).iter().all(told), "{:?}", forms(odd));
    }
}

#[test]
fn all_else_is_written_as_it_is() {
    assert_eq!(written(&(None::<f64>, (), Form::Nothing)).unwrap(), r#"[null,null,"Nothing"]"#);
    assert_eq!(written(&BTreeMap::from([(7_i8, 'x')])).unwrap(), r#"{"7":"x"}"#);
    let no_key = written(&BTreeMap::from([((1, 2), 3)])).unwrap_err().to_string();
    assert!(no_key.contains("key must be a string"), "{no_key}");
}
