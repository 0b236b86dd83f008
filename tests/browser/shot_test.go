package browser

import (
	"os"
	"path/filepath"
)

// shot keeps what the window shows in the folder ROSTER_SHOTS, for whoever looks at pages
// while working on them.
func (s *site) shot(name string) {
	s.T.Helper()
	if dir := os.Getenv("ROSTER_SHOTS"); dir != "" {
		s.picture(filepath.Join(dir, name+".png"))
	}
}
