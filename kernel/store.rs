// What a notebook keeps from cell to cell. evcxr compiles such a store into every cell, most of it once more for each type that
// is kept. This one does the same in less code, and takes its place line for line: errors are told by their lines.

pub const VARIABLE_CHANGED_TYPE: &str = "EVCXR_VARIABLE_CHANGED_TYPE:";
pub const USER_ERROR_OCCURRED: &str = "EVCXR_ERROR_OCCURRED";
type Value = Box<dyn std::any::Any>;

pub struct VariableStore(Vec<(String, Value)>);

impl VariableStore {
    pub fn new() -> VariableStore {
        VariableStore(Vec::new())
    }

    pub fn put_variable<T: 'static>(&mut self, name: &str, value: T) {
        self.put(name, Box::new(value));
    }

    pub fn check_variable<T: 'static>(&mut self, name: &str) -> bool {
        self.check(name, std::any::TypeId::of::<T>())
    }

    pub fn take_variable<T: 'static>(&mut self, name: &str) -> T {
        self.take(name).downcast().map_or_else(|_| changed(name), |value| *value)
    }

    pub fn lazy_arc<T: 'static, F: FnOnce() -> T>(&mut self, name: &str, create: F) -> std::sync::Arc<T> {
        if self.place(name).is_none() {
            self.put(name, Box::new(std::sync::Arc::new(create())));
        }
        let found = self.place(name).and_then(|place| self.0[place].1.downcast_ref());
        std::sync::Arc::clone(found.unwrap_or_else(|| changed(name)))
    }

    pub fn merge(&mut self, mut other: VariableStore) {
        for (name, value) in other.0.drain(..) {
            self.put(&name, value);
        }
    }

    #[inline(never)]
    fn place(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(own, _)| own == name)
    }

    #[inline(never)]
    fn check(&self, name: &str, kind: std::any::TypeId) -> bool {
        let same = self.place(name).is_none_or(|place| (*self.0[place].1).type_id() == kind);
        if !same {
            eprintln!("The type of the variable {name} was redefined, so was lost.");
            println!("{VARIABLE_CHANGED_TYPE}{name}");
        }
        same
    }

    #[inline(never)]
    fn put(&mut self, name: &str, value: Value) {
        match self.place(name) {
            Some(place) => self.0[place].1 = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    #[inline(never)]
    fn take(&mut self, name: &str) -> Value {
        let place = self.place(name).unwrap_or_else(|| panic!("Variable '{name}' has gone missing"));
        self.0.swap_remove(place).1
    }
}

#[cold]
fn changed(name: &str) -> ! {
    panic!("Variable '{name}' changed type")
}

pub fn create_variable_store() -> *mut VariableStore {
    Box::into_raw(Box::new(VariableStore::new()))
}
