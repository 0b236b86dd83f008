//go:build race

package gateway_test

// under is what a test with very many things divides their number by: the race detector makes
// each take some twenty times as long, and looks for nothing that depends on how many there are.
const under = 10
