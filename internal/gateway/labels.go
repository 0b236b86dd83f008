package gateway

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"roster"
	"roster/internal/core"
)

// A label is the organization's, and belongs to every project that has a link to
// it. Whoever has a link reads the label by it, so to link one is to see it.

// shares refuses something that several projects have, unless one of them is the
// request's, or one in which the person may do the same. What no project has is
// for administrators.
func (f *located) shares(projects []int64) error {
	if slices.Contains(projects, f.project) {
		return nil
	}
	ctx := f.r.Context()
	for _, id := range projects {
		if _, err := f.gate.app.MayInProject(ctx, f.rule.action, id); err == nil || !refusal(err) {
			return err
		}
	}
	if _, err := f.gate.app.May(ctx, core.EditOrganization); err == nil || !refusal(err) {
		return err
	}
	return notFound
}

// refusal reports whether an error is the policy's answer, and not a failure to
// get one.
func refusal(err error) bool {
	kind := roster.KindOf(err)
	return kind == roster.Forbidden || kind == roster.NotFound
}

// labelPage is a page of the upstream's labels.
type labelPage struct {
	Next    *string
	Results []struct {
		Title    string
		Projects []int64
	}
}

// maxLabelPages is how many pages of labels are looked through, a hundred in each.
const maxLabelPages = 100

// newTitles refuses to make a label under a title that a label of another project
// has: the upstream would link that one instead, and answer with it.
func newTitles(_ http.ResponseWriter, f *flight) (bool, error) {
	titles, err := f.titles()
	if err != nil || len(titles) == 0 || f.gate.app.Somewhere(f.r.Context(), core.EditOrganization) {
		return false, err
	}
	done, err := f.gate.lookings.take(f.r.Context())
	if err != nil {
		return false, err
	}
	defer done()
	for page := int64(1); page <= maxLabelPages; page++ {
		var labels labelPage
		if err := f.ask("/api/labels/", url.Values{"page": {formatID(page)}}, &labels); err != nil {
			return false, err
		}
		if err := f.notTheirs(labels, titles); err != nil || labels.Next == nil {
			return false, err
		}
	}
	return false, roster.Errorf(roster.Busy,
		"There are too many labels to see whose the title is. Ask an administrator to make this one. Nothing was changed.")
}

// titles is under which titles the request makes labels, as the upstream reads them.
func (f *flight) titles() (titles []string, err error) {
	if f.body == nil {
		return nil, nil
	}
	for _, o := range f.body.objects {
		var title string
		if raw, there := o.get("title"); there && json.Unmarshal(raw, &title) != nil {
			return nil, roster.InvalidField("title", "Must be a text. Nothing was changed.")
		}
		titles = append(titles, trimmed(title))
	}
	return titles, nil
}

// trimmed is text without the blanks around it that the upstream takes off.
func trimmed(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || (r >= 0x1c && r <= 0x1f) })
}

// notTheirs refuses the titles of labels that are not the person's to see. It
// counts as a question that ended in nothing: else titles could be tried out.
func (f *flight) notTheirs(labels labelPage, titles []string) error {
	for _, label := range labels.Results {
		if !slices.Contains(titles, label.Title) {
			continue
		}
		err := f.shares(label.Projects)
		if roster.KindOf(err) == roster.NotFound {
			err = cmp.Or(f.charge(),
				roster.InvalidField("title",
					"A label of another project is called %q. Choose another title. Nothing was changed.", label.Title))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ownLabels takes out of new labels which other projects have them.
func ownLabels(f *flight, doc any) (any, error) {
	return each(doc, "the list of labels", func(o map[string]any) (bool, error) {
		o["projects"] = []int64{f.project}
		return true, nil
	})
}
