package main

import (
	"crypto/x509"
	"os"
	"os/exec"
	"testing"
)

// TestRootsAreInTheBinary: in an image with nothing else in it, certificates are checked all
// the same. Go looks for a machine's authorities once, so another process is asked.
func TestRootsAreInTheBinary(t *testing.T) {
	if os.Getenv("SSL_CERT_FILE") == os.DevNull {
		roots, err := x509.SystemCertPool()
		if err != nil || roots.Equal(x509.NewCertPool()) {
			t.Errorf("no certificate authorities: %v", err)
		}
		return
	}
	bare := exec.Command(os.Args[0], "-test.run", "^TestRootsAreInTheBinary$")
	bare.Env = append(os.Environ(), "SSL_CERT_FILE="+os.DevNull, "SSL_CERT_DIR="+os.DevNull)
	if out, err := bare.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
