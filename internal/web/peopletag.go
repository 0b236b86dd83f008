package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
)

var peopleTagRoutes = []route{
	{method: "POST", path: "/people/tags", handle: (*visit).askTags},
	{method: "POST", path: "/people/tags/apply", handle: (*visit).changeTags},
}

// peopleTagsPage asks which tags to put on people and which to take off.
type peopleTagsPage struct {
	Count   int
	On, Off []choice
	Find    string // what was looked for
	Many    bool   // there are more than are offered: they can be looked for
	Fields  url.Values
	Next    string
}

func (v *visit) askTags() error { return v.askTagsOf(http.StatusOK, page{}) }

func (v *visit) askTagsOf(status int, p page) error {
	d, next, err := v.chosenPeople()
	if err != nil {
		return err
	}
	if _, err := v.app.May(v.ctx(), core.ManageTags); err != nil {
		return err
	}
	t := peopleTagsPage{Fields: d.Select.with(d.Filter.query), Next: next}
	if t.Count, err = v.app.CountPeople(v.ctx(), d.Select.selector(d.Filter.MemberFilter)); err != nil {
		return err
	}
	if err = v.tagChoices(d, &t); err != nil {
		return err
	}
	p.Title = counted(t.Count, "Tags of one person", "Tags of %s people")
	p.Data = t
	return v.show(status, "peopletags.html", p)
}

// tagChoices is the tags that can be put on the selected, and taken off them: the first that
// match what is looked for, and those chosen already. Of one person, exactly those they lack
// and those they have.
func (v *visit) tagChoices(d peoplePage, t *peopleTagsPage) error {
	t.Find = cut(v.field("tagfind"), maxSearch)
	found, err := v.app.TagLabels(v.ctx(), t.Find, mostTags+1)
	if err != nil {
		return err
	}
	t.Many = t.Find != "" || len(found) > mostTags
	found = found[:min(len(found), mostTags)]
	var has []roster.Tag
	one := !d.Select.All && len(d.Select.Included) == 1
	if one {
		m, err := v.app.OrganizationMember(v.ctx(), v.who.OrganizationID, d.Select.Included[0])
		if err != nil {
			return missing(err, "There is no such person (any more). Nothing was changed.")
		}
		has = m.Tags
	}
	carries := func(id int64) bool { return slices.ContainsFunc(has, func(h roster.Tag) bool { return h.ID == id }) }
	off := found
	if one {
		off = has
	}
	if t.On, err = v.tagOptions(slices.DeleteFunc(slices.Clone(found), func(tag roster.Tag) bool { return carries(tag.ID) }), v.ids("add")); err == nil {
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
			options = append(options, choice{strconv.FormatInt(id, 10), t.Label, true})
		} else if roster.KindOf(err) != roster.NotFound {
			return nil, err
		}
	}
	for _, t := range tags {
		options = append(options, choice{strconv.FormatInt(t.ID, 10), t.Label, slices.Contains(chosen, t.ID)})
	}
	return options, nil
}

// changeTags puts tags on the selected people and takes others off them.
func (v *visit) changeTags() error {
	d, next, err := v.chosenPeople()
	if err != nil {
		return err
	}
	s := d.Select.selector(d.Filter.MemberFilter)
	err = v.once(func(tx *app.App) (done, error) {
		add, drop := v.ids("add"), v.ids("drop")
		if len(add)+len(drop) == 0 {
			return done{}, roster.InvalidField("add", "Choose at least one tag to put on or to take off.")
		}
		out, err := tx.AssignTags(v.ctx(), v.who.OrganizationID, roster.TagAssignment{Selector: s, Tags: add, Off: drop})
		return done{next, notice{Text: tagged(out), Operation: out.Operation}}, err
	})
	if roster.KindOf(err) == roster.Invalid {
		status, p := v.failed(page{}, err)
		return v.askTagsOf(status, p)
	}
	return err
}

// tagged says what a change of tags came to: those who had them so are not counted as
// changed.
func tagged(out roster.TagsChanged) string {
	text := counts{"Nobody's tags were changed.", "The tags of one person were changed.", "The tags of %s people were changed."}.text(out.Changed)
	if same := out.Count - out.Changed; same > 0 {
		text += " " + counted(same, "One person had them so already.", "%s people had them so already.")
	}
	return text
}
