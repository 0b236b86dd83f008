package web

import (
	"crypto/sha256"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
)

// done is what a form that was carried out leads to.
type done struct {
	To     string // the next page
	Notice notice // what it says there
}

// once carries out a form that changes something, in one transaction, and
// leads on. The key that each rendered form has makes a second click, a reload
// or a retry lead to the same place without doing it again. What is refused
// changed nothing and leaves the key free.
func (v *visit) once(work func(tx *app.App) (done, error)) error {
	key := v.field("key")
	if key == "" || len(key) > 64 {
		return roster.Errorf(roster.Invalid,
			"This form is not from a page of this site. Nothing was changed; reload the page and try again.")
	}
	if v.again {
		return errNotSent
	}
	key = "console " + key
	var d done
	err := v.app.Update(v.ctx(), func(tx *app.App) error {
		recorded, err := tx.ClaimKey(v.ctx(), key, v.fingerprint())
		if err != nil {
			return err
		}
		if recorded != nil {
			return json.Unmarshal(recorded.Body, &d)
		}
		if d, err = work(tx); err != nil {
			return err
		}
		body, err := json.Marshal(d)
		if err != nil {
			return err
		}
		return tx.RecordAnswer(v.ctx(), key, core.Answer{Status: http.StatusSeeOther, Body: body})
	})
	if err != nil {
		return err
	}
	if d.Notice.Text != "" {
		v.leave(d.Notice)
	}
	return v.redirect(d.To)
}

// fingerprint tells one form from another under the same key.
func (v *visit) fingerprint() []byte {
	h := sha256.New()
	io.WriteString(h, v.r.URL.Path+"\n"+v.r.PostForm.Encode())
	if v.r.MultipartForm == nil {
		return h.Sum(nil)
	}
	for _, name := range slices.Sorted(maps.Keys(v.r.MultipartForm.File)) { // the same each time
		for _, file := range v.r.MultipartForm.File[name] {
			if f, err := file.Open(); err == nil {
				io.Copy(h, f)
				f.Close()
			}
		}
	}
	return h.Sum(nil)
}
