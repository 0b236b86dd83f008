package identity

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"roster"
)

// The two kinds of JWT: a personal access token is a refresh token, exchanged
// for access tokens.
const (
	refreshToken = "refresh"
	accessToken  = "access"
)

// accessTTL is how long an access token lives.
const accessTTL = 5 * time.Minute

// longestJWT is the longest text that is looked at, in bytes. Roster's own have
// about 250.
const longestJWT = 2048

// claims is what a JWT of Roster's says (contract 6.2). The id of an access
// token begins with that of the personal access token it was got for, so that
// it ends with that.
type claims struct {
	TokenType string `json:"token_type"`
	jwt.RegisteredClaims
	UserID int64 `json:"user_id"`
}

func newClaims(kind, id string, user int64, from, until time.Time) claims {
	return claims{kind, jwt.RegisteredClaims{ID: id, IssuedAt: jwt.NewNumericDate(from),
		ExpiresAt: jwt.NewNumericDate(until)}, user}
}

// personalID is the id of the personal access token that c is or was got for.
func (c claims) personalID() string {
	id, _, _ := strings.Cut(c.ID, ".")
	return id
}

// signer signs and reads JWTs with a key of its own, made from the server key.
type signer struct{ key []byte }

func newSigner(secret []byte) (signer, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "roster personal access tokens", sha256.Size)
	return signer{key}, err
}

func (s signer) sign(c claims) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(s.key)
}

// unsigned is the same without its signature: header and payload.
func (s signer) unsigned(c claims) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, c).SigningString()
}

// read is what a JWT of the given kind says, once its signature, its algorithm
// and its time are right; else Unsigned.
func (s signer) read(text, kind string, now time.Time) (claims, error) {
	var c claims
	if len(text) > longestJWT {
		return c, badJWT
	}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(),
		jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return now }))
	_, err := parser.ParseWithClaims(text, &c, func(*jwt.Token) (any, error) { return s.key, nil })
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return c, roster.Errorf(roster.Unsigned, "Token is expired.")
	case err != nil:
		return c, badJWT
	case c.TokenType != kind:
		return c, roster.Errorf(roster.Unsigned, "Token has wrong type.")
	}
	return c, nil
}

var badJWT = roster.Errorf(roster.Unsigned, "Token is invalid.")

// idOf is the id that a JWT claims to have, whole or without its signature; ""
// when it is none. It proves nothing.
func idOf(text string) string {
	parts := strings.Split(text, ".")
	if len(text) > longestJWT || len(parts) < 2 || len(parts) > 3 {
		return ""
	}
	var c claims
	if _, _, err := jwt.NewParser().ParseUnverified(parts[0]+"."+parts[1]+".", &c); err != nil {
		return ""
	}
	return c.ID
}

// newID is what no other token is called.
func newID(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return hex.EncodeToString(b)
}
