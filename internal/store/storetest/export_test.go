package storetest

// StateOf is what tells whether anything but rows was changed in a store.
var StateOf = stateOf
