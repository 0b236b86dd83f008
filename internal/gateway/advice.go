package gateway

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"regexp"
)

// Advise logs what about the upstream's settings opens a way to its owner's token.
// Whoever asks may see the page that tells; the upstream being down is no news here.
func (g *Gate) Advise(ctx context.Context) {
	if at, err := g.upstream.OwnAddress(ctx); err == nil && at != "" {
		slog.WarnContext(ctx,
			"Label Studio knows an address as its own (LABEL_STUDIO_HOST), and sends its owner's token there "+
				"when the Owner exports files: whoever writes tasks can have the token be in that export. Unset it on "+
				"the Label Studio", "address", at)
	}
}

var linked = regexp.MustCompile(`<link href="(https?://[^/"]+)`)

// OwnAddress is the address that the upstream was told is its own, which stands in
// the links of its sign-in page; "" when it was told none.
func (u *Upstream) OwnAddress(ctx context.Context) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.base.JoinPath("/user/login/").String(), nil)
	if err != nil {
		return "", err
	}
	answer, err := u.http.Do(r)
	if err != nil {
		return "", unreachable(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(io.LimitReader(answer.Body, maxForm))
	if found := linked.FindSubmatch(page); found != nil {
		return string(found[1]), nil
	}
	return "", err
}
