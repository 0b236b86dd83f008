package web

import (
	"cmp"
	"net/http"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/membership"
)

// one is the project and the person of a row's form.
func (v *visit) one() (project, user int64, err error) {
	if project, err = v.id("id"); err == nil {
		user, err = v.id("user")
	}
	return project, user, err
}

// memberNamed reads one person of a project.
func (v *visit) memberNamed(a *app.App, project, user int64) (roster.Member, error) {
	members, _, err := a.Members(v.ctx(), project, roster.MemberFilter{IDs: []int64{user}, WithInactive: true},
		roster.Everything)
	if err == nil && len(members) == 0 {
		err = roster.Errorf(roster.NotFound, "This person is no longer in the project. Nothing was changed.")
	}
	if err != nil {
		return roster.Member{}, err
	}
	return members[0], nil
}

// setRole gives a member a role in the project, or takes it away again.
func (v *visit) setRole() error {
	project, user, err := v.one()
	if err != nil {
		return err
	}
	// blank takes it away
	if err := oneOf(string(roster.RoleAnnotator), string(roster.RoleReviewer)).
		check("give", v.r.Form["give"]); err != nil || !v.r.Form.Has("give") {
		return cmp.Or(err, noChoice("give", ""))
	}
	return v.once(func(tx *app.App) (done, error) {
		m, err := v.memberNamed(tx, project, user)
		if err != nil {
			return done{}, err
		}
		role := roster.Role(v.field("give"))
		var op int64
		if role == "" {
			op, err = tx.ClearMemberRole(v.ctx(), project, user)
			role = m.Membership.Role
		} else {
			_, op, err = tx.SetProjectRole(v.ctx(), project, user, role)
		}
		if err != nil {
			return done{}, err
		}
		return done{v.backSelected(),
			notice{Text: sentence("{name} is {role} in this project now.", "name", m.User.Name(), "role", roleName(role)),
				Operation: op}}, nil
	})
}

// pausePage is the question why somebody is paused.
type pausePage struct {
	Project membership.ProjectRow
	Member  roster.Member
	Message string
	Next    string
}

func (v *visit) showPause() error { return v.pausing(http.StatusOK, page{}) }

func (v *visit) pausing(status int, p page) error {
	project, user, err := v.one()
	if err != nil {
		return err
	}
	if _, err := v.app.MayInProject(v.ctx(), core.ManageMembers, project); err != nil {
		return err
	}
	row, err := v.app.ProjectRow(v.ctx(), project)
	if err != nil {
		return err
	}
	m, err := v.memberNamed(v.app, project, user)
	if err == nil {
		err = v.app.MayPause(v.ctx(), m)
	}
	if err != nil {
		return err
	}
	p.Title = sentence("Pause {name}", "name", m.User.Name())
	p.Data = pausePage{row, m, v.field("message"), v.backSelected()}
	return v.show(status, "pause.html", p)
}

func (v *visit) pause() error {
	project, user, err := v.one()
	if err != nil {
		return err
	}
	err = v.once(func(tx *app.App) (done, error) {
		m, err := v.memberNamed(tx, project, user)
		if err != nil {
			return done{}, err
		}
		if _, err := tx.PauseMember(v.ctx(), project, user, roster.PauseManual,
			shortened(v.field("message"), 10_000)); err != nil {
			return done{}, err
		}
		text := sentence("{name} is paused: still a member, but they cannot open the project.", "name", m.User.Name())
		return done{v.back(), notice{Text: text}}, nil
	})
	if roster.KindOf(err) == roster.Invalid {
		status, p := v.failed(page{}, err)
		return v.pausing(status, p)
	}
	return err
}

// resume lets a paused member work again.
func (v *visit) resume() error {
	project, user, err := v.one()
	if err != nil {
		return err
	}
	return v.once(func(tx *app.App) (done, error) {
		m, err := v.memberNamed(tx, project, user)
		if err != nil {
			return done{}, err
		}
		if _, err := tx.ResumeMember(v.ctx(), project, user); err != nil {
			return done{}, err
		}
		return done{v.backSelected(),
			notice{Text: sentence("{name} may work in the project again.", "name", m.User.Name())}}, nil
	})
}
