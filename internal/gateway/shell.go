package gateway

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"

	"roster/internal/app"
)

// membersLink goes to the end of the upstream's pages. They are one program
// that changes its address without loading a page, so the link looks where it
// is when it is shown.
const membersLink = `<a id="roster-members" href="/roster/" target="_top" data-external hidden style="position:fixed;right:16px;bottom:16px;z-index:99;padding:6px 14px;border-radius:6px;background:#fff;color:#1d4ed8;border:1px solid #cbd5e1;font:14px system-ui,sans-serif;text-decoration:none">Members</a>
<script>setInterval(function(){var a=document.getElementById("roster-members"),m=/^\/projects\/([0-9]+)(\/|$)/.exec(location.pathname);a.hidden=!m;if(m)a.href="/roster/projects/"+m[1]+"/members"},500)</script>
`

// addMembersLink puts the link onto a page for those who may see a project's
// members. A page in another shape stays as it is: it shows nobody's data.
func addMembersLink(f *flight, answer *http.Response) error {
	kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if !f.gate.config.MembersLink || answer.StatusCode != http.StatusOK || kind != "text/html" || f.r.Method != http.MethodGet || !f.gate.app.Somewhere(f.r.Context(), app.ViewMembers) {
		return nil
	}
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	answer.Body.Close()
	if err != nil || len(raw) > maxAnswer {
		return &fault{http.StatusBadGateway, fmt.Errorf("gateway: the page is longer than %d bytes, or broke off: %w", maxAnswer, err)}
	}
	if at := bytes.LastIndex(raw, []byte("</body>")); at >= 0 {
		raw = bytes.Join([][]byte{raw[:at], []byte(membersLink), raw[at:]}, nil)
	}
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	answer.Header.Set("Content-Length", strconv.Itoa(len(raw)))
	answer.Header.Del("Etag")
	return nil
}
