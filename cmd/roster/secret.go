package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"roster"
	"roster/internal/store"
)

// leastSecret is how many bytes a secret key must have.
const leastSecret = 16

// secretFile is the name of the key that Roster makes for a SQLite store. It
// lies beside the database and not in it, so that a copy of the database
// alone shows nobody's token.
const secretFile = "secret.key"

// secretKey is the variable that holds the secret key itself.
const secretKey = "ROSTER_SECRET_KEY"

// secretKey is the file with the key that the operator gives; none where the variable
// holds the key itself, or nothing was said.
func (f storeFlags) secretKey(s *settings) (setting, error) {
	if f.SecretKeyFile != "" {
		return setting{f.SecretKeyFile, "--secret-key-file"}, nil
	}
	file, err := s.lookUp("secret-key-file")
	if err != nil || s.env(secretKey) == "" {
		return file, err
	}
	if file.by == variable("secret-key-file") {
		return file, misuse("%s and %s both give the same secret; leave one out", secretKey, file.by)
	}
	return setting{by: secretKey}, nil
}

// secret is the key that encrypts what must be shown again: the one the
// operator gives, else one that Roster makes on first use and keeps with the
// store.
func (c *console) secret(p location, f storeFlags, db *store.DB) ([]byte, error) {
	switch file, err := f.secretKey(c.settings); {
	case err != nil:
		return nil, err
	case file.by == secretKey:
		return longEnough(c.settings.env(secretKey), secretKey)
	case file.by != "":
		return readSecret(file.value)
	}
	if p.dir == "" {
		return db.SetSettingOnce(c.ctx, "secret_key", []byte(newSecret()))
	}
	own := filepath.Join(p.dir, secretFile)
	if err := writeOnce(own, newSecret()+"\n"); err != nil {
		return nil, err
	}
	return readSecret(own)
}

func newSecret() string {
	b := make([]byte, 32)
	rand.Read(b)
	return hex.EncodeToString(b)
}

func readSecret(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return longEnough(strings.TrimSpace(string(text)), file)
}

func longEnough(key, from string) ([]byte, error) {
	if len(key) < leastSecret {
		return nil, roster.Errorf(roster.Invalid, "The secret key in %s is shorter than %d characters.", from, leastSecret)
	}
	return []byte(key), nil
}

// writeOnce makes a file that its owner alone can read, unless it exists. The
// text is there at once or not at all, whoever else is making it.
func writeOnce(file, text string) error {
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	part, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name())
	_, err = part.WriteString(text)
	if err := errors.Join(err, part.Sync(), part.Close()); err != nil {
		return err
	}
	if err := os.Link(part.Name(), file); !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}
