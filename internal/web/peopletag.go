package web

import (
	"net/http"
	"slices"
	"strconv"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
)

var peopleTagRoutes = slices.Concat(tagQuestion("/people/tags", people),
	tagQuestion("/projects/{id}/members/tags", members))

func tagQuestion(path string, of chooser) []route {
	return []route{
		{method: "POST", path: path, handle: func(v *visit) error {
			return v.askTags(of, http.StatusOK, page{})
		}, asks: true, apart: true},
		{method: "POST", path: path + "/apply", handle: func(v *visit) error { return v.changeTags(of) }},
	}
}

// peopleTagsPage asks which tags to put on people and which to take off.
type peopleTagsPage struct {
	Path    string // where the question is
	Count   int
	On, Off []choice
	Find    string // what was looked for
	Many    bool   // there are more than are offered: they can be looked for
	Next    string
	browsed
}

func (v *visit) askTags(of chooser, status int, p page) error {
	c, err := of(v)
	if err != nil {
		return err
	}
	if _, err := v.app.May(v.ctx(), core.ManageTags); err != nil {
		return err
	}
	if err := v.keepQuestion(); err != nil {
		return err
	}
	t := peopleTagsPage{Path: v.place(), Next: c.next}
	who, err := c.people(v.app)
	if err != nil {
		return err
	}
	if t.browsed, t.Count, err = v.lookAtChosen(who); err != nil {
		return err
	}
	if err = v.tagChoices(c.one, &t); err != nil {
		return err
	}
	p.Title = counted(t.Count, "Tags of one person", "Tags of %s people")
	p.Data = t
	return v.show(status, "peopletags.html", p)
}

// tagChoices is the tags that can be put on the selected, and taken off them: the first that
// match what is looked for, and those chosen already. Of one person, exactly those they lack
// and those they have.
func (v *visit) tagChoices(one int64, t *peopleTagsPage) error {
	t.Find = shortened(v.field("tagfind"), maxSearch)
	found, err := v.app.TagLabels(v.ctx(), t.Find, mostTags+1)
	if err != nil {
		return err
	}
	t.Many = t.Find != "" || len(found) > mostTags
	found = found[:min(len(found), mostTags)]
	var has []roster.Tag
	if one != 0 {
		m, err := v.app.OrganizationMember(v.ctx(), v.who.OrganizationID, one)
		if err != nil {
			return missing(err, "There is no such person. They may have been deleted. Nothing was changed.")
		}
		has = m.Tags
	}
	carries := func(id int64) bool { return slices.ContainsFunc(has, func(h roster.Tag) bool { return h.ID == id }) }
	off := found
	if one != 0 {
		off = has
	}
	if t.On, err = v.tagOptions(slices.DeleteFunc(slices.Clone(found),
		func(tag roster.Tag) bool { return carries(tag.ID) }), v.ids("add")); err == nil {
		t.Off, err = v.tagOptions(off, v.ids("drop"))
	}
	return err
}

// tagOptions is tags to tick, those that are ticked already in front where they are not among
// them. One that is gone is none any more.
func (v *visit) tagOptions(tags []roster.Tag, chosen []int64) (options []choice, err error) {
	for _, id := range chosen {
		if slices.ContainsFunc(tags, func(t roster.Tag) bool { return t.ID == id }) {
			continue
		}
		t, err := v.app.Tag(v.ctx(), v.who.OrganizationID, id)
		if err == nil {
			options = append(options, choice{strconv.FormatInt(id, 10), roster.Verbatim(t.Label), true})
		} else if roster.KindOf(err) != roster.NotFound {
			return nil, err
		}
	}
	for _, t := range tags {
		options = append(options, choice{strconv.FormatInt(t.ID, 10), roster.Verbatim(t.Label),
			slices.Contains(chosen, t.ID)})
	}
	return options, nil
}

// changeTags puts tags on the selected people and takes others off them.
func (v *visit) changeTags(of chooser) error {
	c, err := of(v)
	if err != nil {
		return err
	}
	err = v.once(func(tx *app.App) (done, error) {
		add, drop := v.ids("add"), v.ids("drop")
		if len(add)+len(drop) == 0 {
			return done{}, roster.InvalidField("add", "Choose at least one tag to put on or to take off.")
		}
		who, err := c.people(tx)
		if err != nil {
			return done{}, err
		}
		out, err := tx.AssignTags(v.ctx(), v.who.OrganizationID, roster.TagAssignment{Selector: who, Tags: add, Off: drop})
		if err != nil {
			return done{}, err
		}
		only, err := v.onlyOne(tx, out.Changed, out.Operation)
		return done{c.next, notice{Text: tagged(out, len(add), len(drop), only), Operation: out.Operation}}, err
	})
	if roster.KindOf(err) == roster.Invalid {
		status, p := v.failed(page{}, err)
		return v.askTags(of, status, p)
	}
	return err
}

// tagged says what a change of tags, so many put on and so many taken off, came to: those
// for whom nothing changed are not counted as changed. only is the one for whom something did,
// where there is one.
func tagged(out roster.TagsChanged, on, off int, only roster.Text) roster.Text {
	changed, same := tagTexts(on, off)
	text := sentence(changed.text(out.Changed), "person", only)
	if left := out.Count - out.Changed; left > 0 {
		text = both(text, same.text(left))
	}
	return text
}

// tagTexts is the sentences about those whose tags changed, and about the others.
func tagTexts(on, off int) (changed, same counts) {
	switch {
	case on == 1 && off == 0:
		return counts{"Nobody got the tag.", "{person} got the tag.", "%s people got the tag."},
			counts{"", "One person had it already.", "%s people had it already."}
	case off == 0:
		return counts{"Nobody got a tag.", "{person} got tags.", "%s people got tags."},
			counts{"", "One person had them already.", "%s people had them already."}
	case on == 0 && off == 1:
		return counts{"Nobody lost the tag.", "{person} lost the tag.", "%s people lost the tag."},
			counts{"", "One person did not have it.", "%s people did not have it."}
	case on == 0:
		return counts{"Nobody lost a tag.", "{person} lost tags.", "%s people lost tags."},
			counts{"", "One person had none of them.", "%s people had none of them."}
	}
	return counts{"Nobody's tags were changed.", "{person} has other tags now.",
			"The tags of %s people were changed."},
		counts{"", "Nothing changed for one person.", "Nothing changed for %s people."}
}
