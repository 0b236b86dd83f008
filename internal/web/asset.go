package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed templates static vendored
var files embed.FS

// asset is a file that is the same for everybody, ready to be served.
type asset struct {
	name   string // without what names its version
	kind   string // its media type
	hash   string // names exactly this content
	plain  []byte
	zipped []byte // nil where compressing saves nothing
}

// assetKinds is every kind of file that is served; licences are kept beside
// what they are of, and not.
var assetKinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// assets is every asset by its name.
var assets = sync.OnceValue(func() map[string]asset {
	found := map[string]asset{}
	for _, dir := range []string{"static", "vendored"} {
		entries, err := fs.ReadDir(files, dir)
		if err != nil {
			panic(err)
		}
		for _, e := range entries {
			if assetKinds[path.Ext(e.Name())] != "" {
				found[e.Name()] = newAsset(dir, e.Name())
			}
		}
	}
	return found
})

func newAsset(dir, name string) asset {
	plain, err := files.ReadFile(dir + "/" + name)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(plain)
	a := asset{name: name, kind: assetKinds[path.Ext(name)], hash: hex.EncodeToString(sum[:6]), plain: plain}
	if zipped := squeeze(plain, gzip.BestCompression); len(zipped) < len(plain) {
		a.zipped = zipped
	}
	return a
}

func squeeze(plain []byte, level int) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, level)
	w.Write(plain)
	w.Close()
	return out.Bytes()
}

// versioned is an asset's name in links: another one for every content, so
// that browsers never have to ask whether theirs is still good.
func (a asset) versioned() string {
	ext := path.Ext(a.name)
	return strings.TrimSuffix(a.name, ext) + "." + a.hash + ext
}

// static answers with an asset, under its plain name or its versioned one.
func (v *visit) static() error {
	name := v.r.PathValue("file")
	ext := path.Ext(name)
	stem, hash, _ := strings.Cut(strings.TrimSuffix(name, ext), ".")
	a, ok := assets()[stem+ext]
	if !ok || (hash != "" && hash != a.hash) {
		return noSuchPage
	}
	h := v.w.Header()
	h.Set("Cache-Control", "no-cache")
	if hash != "" {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Content-Type", a.kind)
	h.Set("ETag", `"`+a.hash+`"`)
	if strings.Contains(v.r.Header.Get("If-None-Match"), a.hash) {
		v.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	v.deliver(http.StatusOK, a.plain, a.zipped)
	return nil
}

// deliver writes a whole body: compressed where there is a compressed one and
// the browser reads it.
func (v *visit) deliver(status int, plain, zipped []byte) {
	h := v.w.Header()
	h.Add("Vary", "Accept-Encoding")
	body := plain
	if zipped != nil && v.takesGzip() {
		h.Set("Content-Encoding", "gzip")
		body = zipped
	}
	v.w.WriteHeader(status)
	v.w.Write(body) // a browser that hung up cannot be told about it
}

// takesGzip reports whether the browser reads compressed answers.
func (v *visit) takesGzip() bool {
	for item := range strings.SplitSeq(v.r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(item), ";")
		if strings.TrimSpace(name) == "gzip" {
			return strings.TrimRight(strings.ReplaceAll(weight, " ", ""), "0.") != "q="
		}
	}
	return false
}
