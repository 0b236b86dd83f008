package gateway

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
)

// Advise logs what about the upstream's settings does not go with the gate's. Whoever asks
// may see the page that tells; the upstream being down is no news here.
func (g *Gate) Advise(ctx context.Context) {
	at, err := g.upstream.OwnAddress(ctx)
	switch {
	case err != nil:
		slog.DebugContext(ctx, "Label Studio does not say which address it takes for its own", "error", err)
	case at != "" && g.root == "":
		slog.WarnContext(ctx,
			"Label Studio knows an address as its own (LABEL_STUDIO_HOST), and would send its owner's token there. So "+
				"nobody exports files through the gate. Unset it on the Label Studio", "address", at)
	case g.root != "" && !strings.HasSuffix(at, g.root):
		slog.WarnContext(ctx,
			"Label Studio does not know that it is found below a path: its pages will not work. Set LABEL_STUDIO_HOST on it",
			"LABEL_STUDIO_HOST", g.config.Public.String(), "is", at)
	}
}

// linked is the style sheet of the upstream's sign-in page, and what its address begins with.
var linked = regexp.MustCompile(`<link href="(https?://[^"]*)?/static/`)

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
	found := linked.FindSubmatch(page)
	switch {
	case err != nil:
		return "", unreachable(err)
	case found == nil:
		return "", &fault{http.StatusBadGateway, errors.New("the sign-in page of Label Studio does not tell its address")}
	}
	return string(found[1]), nil
}
