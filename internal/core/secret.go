package core

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"roster"
)

// Sealer encrypts what must be shown again later (AES-256-GCM).
type Sealer struct{ aead cipher.AEAD }

// NewSealer makes a Sealer of a secret of any length.
func NewSealer(secret []byte) (Sealer, error) {
	key := sha256.Sum256(secret)
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return Sealer{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return Sealer{aead}, err
}

// Close encrypts.
func (s Sealer) Close(plain string) []byte { return s.aead.Seal(nil, nil, []byte(plain), nil) }

// Open is what was encrypted; an error where it was not, or not by this Sealer.
func (s Sealer) Open(sealed []byte) (string, error) {
	plain, err := s.aead.Open(nil, nil, sealed, nil)
	return string(plain), err
}

// Seal makes of text what only this server can make or read, for a browser to
// keep. It is safe in a cookie and in an address.
func (a *App) Seal(text string) string {
	return base64.RawURLEncoding.EncodeToString(a.Sealer.Close(text))
}

// Unseal is the text that was sealed; an error when it was not sealed by this
// server, or changed since.
func (a *App) Unseal(sealed string) (string, error) {
	bytes, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return "", err
	}
	return a.Sealer.Open(bytes)
}

// NewToken is a legacy API token: 40 hexadecimal digits.
func NewToken() string {
	b := make([]byte, 20)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// TokenHash is what a token is recognized by. A token is 160 random bits, so a
// fast hash loses nothing.
func TokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// The parameters of argon2id, from OWASP's password storage cheat sheet.
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
	argonLanes  = 1
)

// HashPassword keeps a password in the PHC string format.
func HashPassword(password string) string {
	salt := make([]byte, 16)
	rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, 32)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes,
		b64(salt), b64(key))
}

// CheckPassword reports whether password is the one that was hashed.
func CheckPassword(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var memory, time uint32
	var lanes uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &lanes); err != nil {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, time, memory, lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// ValidPassword refuses what would not protect an account.
func ValidPassword(password string) error {
	if len([]rune(password)) < 8 {
		return roster.InvalidField("password", "Ensure this field has at least 8 characters.")
	}
	if len(password) > 1024 {
		return roster.InvalidField("password", "Ensure this field has no more than 1024 bytes.")
	}
	return nil
}
