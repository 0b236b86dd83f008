package gateway

import (
	"cmp"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"roster"
)

// whose says whose the bytes of an answer are. Where a rule does not say, they are
// somebody's, and must not become a program here.
type whose int

const (
	anybodys   whose = iota // data and files: what somebody put into a task, a storage or a name
	itsPage                 // a page of the upstream's own, which shows such data
	itsProgram              // scripts, styles and documentation of the upstream's own, which show none
)

// opening is what a browser does with somebody's bytes that are opened by themselves.
type opening int

const (
	kept   opening = iota // it keeps them as a file
	shown                 // it shows them, as nothing of this origin
	played                // a viewer of its own shows them, which has to fetch them from this origin
)

// inert is the types that somebody's bytes may have here. All else leaves without a
// type, to be kept. A picture in a page is drawn however it would open, so an SVG is,
// and never opens.
var inert = openings(map[opening]string{
	shown: `application/json text/csv text/plain image/apng image/avif image/bmp image/gif image/jpeg image/jpg image/png
		image/tiff image/vnd.microsoft.icon image/webp image/x-icon image/x-ms-bmp`,
	played: `application/pdf audio/3gpp audio/aac audio/basic audio/flac audio/m4a audio/mp3 audio/mp4 audio/mpeg audio/ogg
		audio/opus audio/wav audio/wave audio/webm audio/x-aiff audio/x-flac audio/x-m4a audio/x-wav video/3gpp video/mp4
		video/mpeg video/ogg video/quicktime video/webm video/x-m4v video/x-matroska video/x-msvideo`,
	kept: `application/csv application/gzip application/tsv application/zip image/svg+xml ` + untyped,
})

func openings(types map[opening]string) map[string]opening {
	all := map[string]opening{}
	for how, list := range types {
		for _, kind := range strings.Fields(list) {
			all[kind] = how
		}
	}
	return all
}

const (
	policyHeader = "Content-Security-Policy"
	untyped      = "application/octet-stream"
	// lifeless is what a document of somebody's may do that is opened all the same.
	lifeless = "default-src 'none'; script-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; " +
		"object-src 'self'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
	// sandboxed takes its origin away too.
	sandboxed = "sandbox; " + lifeless
)

// carried is the headers that an answer with somebody's bytes may have: what is
// said about a file may come from where the file does.
var carried = []string{
	"Accept-Ranges", "Allow", "Cache-Control", "Content-Encoding", "Content-Language", "Content-Length",
	"Content-Range", "Date",
	"Etag", "Filename", "Last-Modified", "Location", "Referrer-Policy", "Retry-After", "Set-Cookie", "Vary",
	"Www-Authenticate",
}

// contain sees to it that what the upstream answers with runs here only where it
// is the upstream's own.
func (f *flight) contain(answer *http.Response) error {
	switch {
	case f.rule.whose == itsProgram:
		answer.Header.Add(policyHeader, "frame-ancestors 'self'")
	case f.rule.whose == itsPage && (isHTML(answer) || answer.StatusCode/100 == 3):
		if err := f.guardPage(answer); err != nil {
			return err
		}
	default:
		if err := f.disarm(answer); err != nil {
			return err
		}
	}
	answer.Header.Set("X-Content-Type-Options", "nosniff")
	return nil
}

// disarm makes of an answer with somebody's bytes one that nothing runs from.
func (f *flight) disarm(answer *http.Response) error {
	if err := f.leadAway(answer); err != nil {
		return err
	}
	kind, charset := typeOf(answer)
	way := f.disposition(answer.Header, inert[kind] != kept)
	for name := range answer.Header {
		if !slices.Contains(carried, name) {
			delete(answer.Header, name)
		}
	}
	policy := sandboxed
	if inert[kind] == played || kind == "" { // not modified: it may be one of these
		policy = lifeless
	}
	if kind != "" { // there is a body
		answer.Header.Set("Content-Type", formatType(kind, charset))
	}
	if kind != "" && way != "inline" {
		answer.Header.Set("Content-Disposition", way)
	}
	answer.Header.Set(policyHeader, policy)
	return nil
}

// typeOf is the type that an answer may say it has; "" for one without a body. The
// words that come with an error are read, not kept.
func typeOf(answer *http.Response) (kind string, charset map[string]string) {
	if answer.StatusCode == http.StatusNotModified || answer.StatusCode == http.StatusNoContent {
		return "", nil
	}
	said := answer.Header["Content-Type"]
	if len(said) == 1 { // with two, nobody knows which one counts
		kind, params, err := mediaType(said[0])
		if _, listed := inert[kind]; listed && err == nil {
			if set := params["charset"]; set != "" {
				charset = map[string]string{"charset": set}
			}
			return kind, charset
		}
	}
	if answer.StatusCode/100 != 2 {
		return "text/plain", nil
	}
	return untyped, nil
}

// mediaType reads a type. Nearly every answer has one of those that are listed, and says
// nothing more of it.
func mediaType(said string) (kind string, params map[string]string, err error) {
	if _, listed := inert[said]; listed {
		return said, nil, nil
	}
	return mime.ParseMediaType(said)
}

// formatType writes a type that mediaType read.
func formatType(kind string, params map[string]string) string {
	if len(params) == 0 {
		return kind
	}
	return mime.FormatMediaType(kind, params)
}

// disposition says whether an answer is to be kept as a file, and its name.
func (f *flight) disposition(header http.Header, shown bool) string {
	said := header["Content-Disposition"]
	var params map[string]string
	if len(said) > 0 {
		way, read, err := mime.ParseMediaType(strings.Join(said, ", "))
		if err == nil && way == "attachment" {
			return said[0]
		}
		params = read
	}
	way := "attachment"
	if shown {
		way = "inline"
	}
	if name := cmp.Or(params["filename"], f.fileName()); name != "" {
		return cmp.Or(mime.FormatMediaType(way, map[string]string{"filename": path.Base(name)}), way)
	}
	return way
}

// fileName is the name of the file that a request asks for, where its path does
// not end in it.
func (f *flight) fileName() string {
	uri, _ := storageURI(f.query.get("fileuri"))
	return cmp.Or(f.query.get("d"), f.query.get("filepath"), uri)
}

// leadAway lets an answer with somebody's bytes lead to servers of others, where
// they are nobody's program here, and to nowhere else.
func (f *flight) leadAway(answer *http.Response) error {
	said := answer.Header["Location"]
	if answer.StatusCode/100 != 3 || len(said) == 0 {
		answer.Header.Del("Location")
		return nil
	}
	to, err := url.Parse(said[0])
	if err == nil && len(said) == 1 && (to.Scheme == "https" || to.Scheme == "http") && to.Host != "" &&
		!f.isHere(to.Host) {
		return nil
	}
	return roster.Errorf(roster.Forbidden,
		"The storage leads to an address that is no other server's, where its file would be "+
			"a page of this one. Give the storage an http or https address of its own.")
}

// isHere reports whether a host is this server, by any name that it is known to have.
func (f *flight) isHere(host string) bool {
	return slices.ContainsFunc([]string{f.r.Host, f.gate.host(), f.gate.config.Upstream.Host}, func(here string) bool {
		return strings.EqualFold(withoutPort(host), withoutPort(here))
	})
}

// withoutPort leaves out the port that goes without saying.
func withoutPort(host string) string {
	return strings.TrimSuffix(strings.TrimSuffix(host, ":80"), ":443")
}

// worker takes the place of the upstream's service worker. That one answers
// for /resolve/ and /presign/ by what a storage's own address says, in a tab of this
// origin, past everything that the gate says about files.
const worker = `self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", event => event.waitUntil(caches.delete("ls-cache-v1").then(() => self.clients.claim())));
`

func idleWorker(w http.ResponseWriter, _ *parsed) error {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, err := w.Write([]byte(worker))
	return err
}
