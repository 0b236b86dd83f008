//go:build !race

package gateway_test

// under is what a test with very many things divides their number by, where the race detector
// looks.
const under = 1
