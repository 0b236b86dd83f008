package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"roster"
	"roster/internal/core"
)

// membersLink goes to the end of the upstream's pages. They are one program
// that changes its address without loading a page, so the link looks where it
// is when it is shown. ROOT stands for what all paths begin with.
const membersLink = `<a id="roster-members" href="ROOT/roster/" target="_top" data-external hidden style="position:fixed;right:16px;bottom:16px;z-index:99;padding:6px 14px;border-radius:6px;background:#fff;color:#1d4ed8;border:1px solid #cbd5e1;font:14px system-ui,sans-serif;text-decoration:none">Members</a>
<script>setInterval(function(){var a=document.getElementById("roster-members"),r="ROOT",p=location.pathname,m=p.indexOf(r)===0&&/^\/projects\/([0-9]+)(\/|$)/.exec(p.slice(r.length));a.hidden=!m;if(m)a.href=r+"/roster/projects/"+m[1]+"/members"},500)</script>
`

// addMembersLink puts the link onto a page for those who may see a project's
// members. A page in another shape stays as it is: it shows nobody's data.
func addMembersLink(f *flight, answer *http.Response) error {
	shows := answer.StatusCode == http.StatusOK && isHTML(answer) && f.r.Method == http.MethodGet
	if !f.gate.config.MembersLink || !shows || !f.gate.app.Somewhere(f.r.Context(), core.ViewMembers) {
		return nil
	}
	raw, err := readPage(answer)
	if err != nil {
		return err
	}
	if at := bytes.LastIndex(raw, []byte("</body>")); at >= 0 {
		raw = bytes.Join([][]byte{raw[:at], []byte(strings.ReplaceAll(membersLink, "ROOT", f.gate.root)), raw[at:]}, nil)
	}
	setPage(answer, raw)
	return nil
}

func isHTML(answer *http.Response) bool {
	kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	return kind == "text/html" && len(answer.Header["Content-Type"]) == 1
}

// readPage reads a page whole.
func readPage(answer *http.Response) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	answer.Body.Close()
	if err != nil || len(raw) > maxAnswer {
		return nil, &fault{http.StatusBadGateway,
			fmt.Errorf("gateway: the page is longer than %d bytes, or broke off: %w", maxAnswer, err)}
	}
	return raw, nil
}

func setPage(answer *http.Response, page []byte) {
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(page)), int64(len(page))
	answer.Header.Set("Content-Length", strconv.Itoa(len(page)))
	answer.Header.Del("Etag")
}

// guardPage has nothing run on a page but what the upstream wrote into it, and nothing
// sent by a form but a sign-in: pages show what people have written, and not all of it
// made clean. The upstream's own program sends by script, and its decoder of sound
// compiles some of itself, which takes a script that runs already.
func (f *flight) guardPage(answer *http.Response) error {
	raw, err := readPage(answer)
	if err != nil {
		return err
	}
	answer.Body = io.NopCloser(bytes.NewReader(raw))
	forms := "'none'"
	if f.rule.door == anonymous {
		forms = "'self'"
	}
	answer.Header.Add(policyHeader, "frame-ancestors 'self'; base-uri 'self'; form-action "+forms+
		"; worker-src 'self' blob:; "+
		"script-src 'self' 'unsafe-eval' 'unsafe-hashes' "+strings.Join(programs(raw), " "))
	return nil
}

var (
	scriptTag  = regexp.MustCompile(`(?is)<script\b([^>]*)>(.*?)</script`)
	sourceOf   = regexp.MustCompile(`(?i)\bsrc\s*=\s*"([^"]*)"`)
	handlersOf = regexp.MustCompile(`(?i)\son[a-z]+\s*=\s*"([^"]*)"`)
)

// programs names the scripts that stand in a page as the upstream wrote it, as a
// policy does: those of other servers by their address, the others by their hash.
func programs(page []byte) (all []string) {
	for _, tag := range scriptTag.FindAllSubmatch(page, -1) {
		if from := sourceOf.FindSubmatch(tag[1]); from == nil {
			all = append(all, hashOf(string(tag[2])))
		} else if to, err := url.Parse(html.UnescapeString(string(from[1]))); err == nil && to.Host != "" {
			all = append(all, "https://"+to.Host+to.EscapedPath())
		}
	}
	for _, handler := range handlersOf.FindAllSubmatch(page, -1) {
		all = append(all, hashOf(html.UnescapeString(string(handler[1]))))
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(source string) bool { return strings.ContainsAny(source, ";, ") })
}

func hashOf(script string) string {
	sum := sha256.Sum256([]byte(strings.ReplaceAll(script, "\r\n", "\n")))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// maxSample is how long the question for a sample may be: the upstream makes a
// column for every name in it. For a number it makes as many columns as that says,
// and maxDigits is how many it may have.
const (
	maxSample = 2000
	maxDigits = 3
)

// shortQuestion refuses a question for a sample that is too long, or for too many columns.
func shortQuestion(_ http.ResponseWriter, f *flight) (bool, error) {
	if len(f.query.encode()) > maxSample {
		return false, roster.InvalidField("values",
			"Must be at most %d characters, with the rest of the address's question.", maxSample)
	}
	if slices.ContainsFunc(f.query, func(p parameter) bool { return p.name == "values" && manyColumns(p.value) }) {
		return false, roster.InvalidField("values", "A column's number has at most %d digits.", maxDigits)
	}
	return false, nil
}

// manyColumns reports whether there is a number with more digits among names, in whichever
// script: the upstream reads all of them.
func manyColumns(names string) bool {
	return slices.ContainsFunc(strings.Split(names, ","), func(name string) bool {
		digits := 0
		for _, r := range name {
			if unicode.IsNumber(r) {
				digits++
			}
		}
		return digits > maxDigits && digits == utf8.RuneCountInString(name)
	})
}
