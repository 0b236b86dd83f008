package web

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"roster"
)

// gone is what a page can be about that can be deleted meanwhile, by the beginning of its
// address: how to look for it, and what is said when it is not there any more.
var gone = map[string]struct {
	look func(v *visit, ctx context.Context, id int64) error
	says roster.Text
}{
	"projects": {func(v *visit, ctx context.Context, id int64) error {
		_, err := v.app.ProjectRow(ctx, id)
		return err
	}, "This project was deleted meanwhile, or you may not see it any more. Nothing was changed."},
	"workspaces": {func(v *visit, ctx context.Context, id int64) error {
		_, err := v.app.Workspace(ctx, id)
		return err
	}, "This workspace was deleted meanwhile, or you may not see it any more. Nothing was changed."},
	"people": {func(v *visit, ctx context.Context, id int64) error {
		_, err := v.app.OrganizationMember(ctx, v.who.OrganizationID, id)
		return err
	}, "This person was deleted meanwhile, or you may not see them any more. Nothing was changed."},
}

// pageGone replaces a page that htmx asks from, when what it is about is gone: a message over
// it would leave people who are not there any more in sight.
func (v *visit) pageGone(err error) bool {
	if roster.KindOf(err) != roster.NotFound || !v.inPage() || v.who == nil {
		return false
	}
	u, unread := url.Parse(v.r.Header.Get("HX-Current-URL"))
	if unread != nil {
		return false
	}
	kind, rest, _ := strings.Cut(strings.TrimPrefix(u.Path, v.base+"/"), "/")
	name, _, _ := strings.Cut(rest, "/")
	id, none := strconv.ParseInt(name, 10, 64)
	thing, known := gone[kind]
	if none != nil || !known || roster.KindOf(thing.look(v, v.ctx(), id)) != roster.NotFound {
		return false
	}
	v.leave(notice{Text: thing.says, Warns: true})
	return v.redirect(v.local(u.RequestURI())) == nil
}
