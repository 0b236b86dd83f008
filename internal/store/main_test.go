package store_test

import (
	"flag"
	"os"
	"testing"

	"roster/internal/store/storetest"
)

// A property is tried less often than rapid would by itself: each try is many statements on
// each engine. Another number is said with -rapid.checks.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "40"); err != nil {
		panic(err)
	}
	os.Exit(storetest.Main(m))
}
