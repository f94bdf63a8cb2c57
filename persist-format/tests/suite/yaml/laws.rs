//! Laws that hold for all values.

use persist_format::convert::Loss;
use persist_format::{Document, Float, Format, Integer, Map, OnLoss, Tagged, Value};
use proptest::prelude::*;

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i128>().prop_map(Value::from),
        "-?[1-9][0-9]{38,60}"
            .prop_map(|digits| Value::Integer(Integer::from_decimal(&digits).expect("digits"))),
        any::<f64>().prop_map(|x| Value::Float(Float::from(x))),
        any::<String>().prop_map(Value::from),
        "[ \n#:'\"a-c|-]{0,12}".prop_map(Value::from),
        "[a-c \n]{0,20}".prop_map(Value::from),
        proptest::collection::vec(any::<u8>(), 0..8).prop_map(Value::Bytes),
    ]
}

fn key() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => "[a-f]{1,2}".prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => proptest::collection::vec(any::<i8>().prop_map(Value::from), 0..3).prop_map(Value::Sequence),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Sequence),
            proptest::collection::vec((key(), inner.clone()), 0..5)
                .prop_map(|entries| Value::Map(entries.into_iter().collect::<Map>())),
            (
                "![A-Za-z]{1,6}",
                inner.prop_filter("one tag", |value| !matches!(
                    value,
                    Value::Tagged(_) | Value::Bytes(_)
                ))
            )
                .prop_map(|(tag, value)| Value::Tagged(Box::new(Tagged { tag, value }))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(u32::try_from(super::cases(60)).unwrap_or(u32::MAX)))]

    #[test]
    fn written_is_read(value in value()) {
        let (doc, warnings) = Document::encode(&value, Format::Yaml).unwrap();
        prop_assert!(warnings.iter().all(|warning| warning.loss == Loss::LargeInteger));
        let again = Document::parse(&doc.bytes(), Format::Yaml).unwrap();
        prop_assert_eq!(again.value(), &value);
    }

    #[test]
    fn applied_is_said(old in value(), new in value()) {
        let (doc, _) = Document::encode(&old, Format::Yaml).unwrap();
        let mut doc = doc.on_loss(OnLoss::Reemit);
        prop_assert!(doc.apply(&new).is_ok());
        prop_assert_eq!(doc.value(), &new);
        let again = Document::parse(&doc.bytes(), Format::Yaml).unwrap();
        prop_assert_eq!(again.value(), &new);
    }

    #[test]
    fn what_is_there_already_changes_nothing(value in value()) {
        let (mut doc, _) = Document::encode(&value, Format::Yaml).unwrap();
        let before = doc.bytes();
        prop_assert!(!doc.apply(&value).unwrap().changed());
        prop_assert_eq!(doc.bytes(), before);
    }
}
