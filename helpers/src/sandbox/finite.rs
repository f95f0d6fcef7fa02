//! An answer as JSON, which knows no number that isn't finite.
//!
//! `serde_json` writes `null` for such a number, and where that's a value too, it would arrive as one: `Some(NaN)` as `None`. No
//! setting of it changes that, and so the numbers are looked at first, by a serializer that writes nothing.

use serde::Serialize;
use serde::de::value::Error;
use serde::ser::{self, Error as _, Serializer};

/// The answer as text.
///
/// # Errors
/// When it holds what JSON cannot carry: what that is.
pub(super) fn written(answer: &impl Serialize) -> Result<String, Error> {
    answer.serialize(Finite)?;
    serde_json::to_string(answer).map_err(Error::custom)
}

/// Looks at every number, and at nothing else.
#[derive(Clone, Copy)]
struct Finite;

type Looked = Result<(), Error>;

impl Serializer for Finite {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    fn serialize_f64(self, number: f64) -> Looked {
        let odd = || Error::custom(format!("{number}, a number that isn't finite"));
        number.is_finite().then_some(()).ok_or_else(odd)
    }

    fn serialize_f32(self, number: f32) -> Looked {
        self.serialize_f64(number.into())
    }

    fn serialize_bool(self, _: bool) -> Looked {
        Ok(())
    }

    fn serialize_i8(self, _: i8) -> Looked {
        Ok(())
    }

    fn serialize_i16(self, _: i16) -> Looked {
        Ok(())
    }

    fn serialize_i32(self, _: i32) -> Looked {
        Ok(())
    }

    fn serialize_i64(self, _: i64) -> Looked {
        Ok(())
    }

    fn serialize_i128(self, _: i128) -> Looked {
        Ok(())
    }

    fn serialize_u8(self, _: u8) -> Looked {
        Ok(())
    }

    fn serialize_u16(self, _: u16) -> Looked {
        Ok(())
    }

    fn serialize_u32(self, _: u32) -> Looked {
        Ok(())
    }

    fn serialize_u64(self, _: u64) -> Looked {
        Ok(())
    }

    fn serialize_u128(self, _: u128) -> Looked {
        Ok(())
    }

    fn serialize_char(self, _: char) -> Looked {
        Ok(())
    }

    fn serialize_str(self, _: &str) -> Looked {
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Looked {
        Ok(())
    }

    fn serialize_none(self) -> Looked {
        Ok(())
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Looked {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Looked {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Looked {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Looked {
        Ok(())
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Looked {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Looked {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Error> {
        Ok(self)
    }
}

impl ser::SerializeSeq for Finite {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Looked {
        value.serialize(*self)
    }

    fn end(self) -> Looked {
        Ok(())
    }
}

impl ser::SerializeTuple for Finite {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Looked {
        value.serialize(*self)
    }

    fn end(self) -> Looked {
        Ok(())
    }
}

impl ser::SerializeTupleStruct for Finite {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, value: &T) -> Looked {
        value.serialize(*self)
    }

    fn end(self) -> Looked {
        Ok(())
    }
}

impl ser::SerializeTupleVariant for Finite {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, value: &T) -> Looked {
        value.serialize(*self)
    }

    fn end(self) -> Looked {
        Ok(())
    }
}

impl ser::SerializeMap for Finite {
    type Ok = ();
    type Error = Error;

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Looked {
        value.serialize(*self)
    }

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Looked {
        key.serialize(*self)
    }

    fn end(self) -> Looked {
        Ok(())
    }
}

impl ser::SerializeStruct for Finite {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, _: &'static str, value: &T) -> Looked {
        value.serialize(*self)
    }

    fn end(self) -> Looked {
        Ok(())
    }
}

impl ser::SerializeStructVariant for Finite {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, _: &'static str, value: &T) -> Looked {
        value.serialize(*self)
    }

    fn end(self) -> Looked {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
