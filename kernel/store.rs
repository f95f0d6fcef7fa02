// What a notebook keeps from cell to cell. evcxr compiles such a store into every cell, most of it once more for each type that
// is kept. This one does the same in less code, and takes its place line for line: errors are told by their lines.

pub const VARIABLE_CHANGED_TYPE: &str = "EVCXR_VARIABLE_CHANGED_TYPE:";
pub const USER_ERROR_OCCURRED: &str = "EVCXR_ERROR_OCCURRED";
type Value = Box<dyn std::any::Any>;

pub struct VariableStore {
    variables: Vec<(String, Value)>,
}

impl VariableStore {
    pub fn new() -> VariableStore {
        VariableStore { variables: Vec::new() }
    }

    pub fn put_variable<T: 'static>(&mut self, name: &str, value: T) {
        self.put(name, Box::new(value));
    }

    pub fn check_variable<T: 'static>(&mut self, name: &str) -> bool {
        self.place(name).is_none_or(|place| self.variables[place].1.is::<T>() || lost(name))
    }

    pub fn take_variable<T: 'static>(&mut self, name: &str) -> T {
        self.take(name).downcast().map_or_else(|_| changed(name), |value| *value)
    }

    pub fn lazy_arc<T: 'static, F: FnOnce() -> T>(&mut self, name: &str, create: F) -> std::sync::Arc<T> {
        if self.place(name).is_none() {
            self.put(name, Box::new(std::sync::Arc::new(create())));
        }
        let found = self.place(name).and_then(|place| self.variables[place].1.downcast_ref());
        std::sync::Arc::clone(found.unwrap_or_else(|| changed(name)))
    }

    pub fn merge(&mut self, mut other: VariableStore) {
        for (name, value) in other.variables.drain(..) {
            self.put(&name, value);
        }
    }

    #[inline(never)]
    fn place(&self, name: &str) -> Option<usize> {
        self.variables.iter().position(|(own, _)| own == name)
    }

    #[inline(never)]
    fn put(&mut self, name: &str, value: Value) {
        match self.place(name) {
            Some(place) => self.variables[place].1 = value,
            None => self.variables.push((name.to_owned(), value)),
        }
    }

    #[inline(never)]
    fn take(&mut self, name: &str) -> Value {
        match self.place(name) {
            Some(place) => self.variables.swap_remove(place).1,
            None => panic!("Variable '{name}' has gone missing"),
        }
    }
}

#[cold]
fn lost(name: &str) -> bool {
    eprintln!("The type of the variable {name} was redefined, so was lost.");
    println!("{VARIABLE_CHANGED_TYPE}{name}");
    false
}

#[cold]
fn changed(name: &str) -> ! {
    panic!("Variable '{name}' changed type")
}

pub fn create_variable_store() -> *mut VariableStore {
    Box::into_raw(Box::new(VariableStore::new()))
}
