package app_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/mailbox"
	"roster/internal/provision"
	"roster/internal/store/storetest"
)

// The names that people are given and taken in TestNamesInAnyOrder: userNames, some of
// which are e-mails, and e-mails, some of which are one mailbox.
var (
	anyNames = []string{
		"", "kim", "KIM", "noor", "kim@example.com", "Hans@Müller.example", "hans@xn--mller-kva.example",
		"noor@example.com",
	}
	anyEmails = []string{"kim@example.com", "KIM@Example.com", "noor@example.com", "hans@müller.example",
		"HANS@xn--mller-kva.example"}
)

// anyOrder does one thing after the other to two or three people.
type anyOrder struct {
	door
	*rand.Rand
	removed   []int64
	passwords map[string]int64 // which each account was given last, while it was not ended
	step      int
}

func (o *anyOrder) of(list []string) string { return list[o.IntN(len(list))] }

func (o *anyOrder) users() []roster.SCIMUser {
	users, _, err := o.app.SCIMUsers(o.ctx, nil, roster.SCIMPage{Start: 1, Count: 99}, true)
	o.must(err)
	return users
}

func (o *anyOrder) somebody() int64 {
	users := o.users()
	return users[o.IntN(len(users))].User.ID
}

func (o *anyOrder) ended(user int64) {
	for password, of := range o.passwords {
		if of == user {
			delete(o.passwords, password)
		}
	}
}

// ways is what can happen next, each as what was said about it.
func (o *anyOrder) ways() []func() (string, error) {
	return []func() (string, error){
		func() (string, error) {
			c := named(o.of(anyNames), o.of(anyEmails), o.of([]string{"", "00u1", "00u2"}))
			u, err := o.app.CreateSCIMUser(o.ctx, c)
			if err == nil {
				o.ended(u.User.ID)
			}
			return fmt.Sprintf("provision %s %s: %d", *cmpString(c.UserName), *c.Email, u.User.ID), err
		},
		func() (string, error) {
			user, c := o.somebody(), named(o.of(anyNames), o.of(append([]string{""}, anyEmails...)),
				o.of([]string{"", "00u1", "00u2"}))
			_, err := o.app.UpdateSCIMUser(o.ctx, user, c, nil)
			return fmt.Sprintf("rename %d %s %s", user, *cmpString(c.UserName), *cmpString(c.Email)), err
		},
		func() (string, error) {
			user, way := o.somebody(), o.of([]string{"console", "bulk", "scim"})
			op, err := deletions[way](o.door, user)
			if err == nil && op != 0 {
				o.removed = append(o.removed, op)
			}
			return fmt.Sprintf("delete %d by %s", user, way), err
		},
		func() (string, error) {
			if len(o.removed) == 0 {
				return "", nil
			}
			op := o.removed[o.IntN(len(o.removed))]
			_, err := o.app.Undo(o.ctx, op)
			return fmt.Sprintf("undo %d", op), err
		},
		func() (string, error) {
			email := o.of(anyEmails)
			_, err := o.app.Import(o.ctx, strings.NewReader("email\n"+email+"\n"), provision.ImportOptions{})
			return "import " + email, err
		},
		func() (string, error) {
			email := o.of(anyEmails)
			err := o.app.InvitePeople(o.ctx, roster.Invite{Emails: []string{email}, Role: "AN"})
			if err != nil {
				return "invite " + email, err
			}
			token := ""
			_, err = o.App.DeliverMail(context.Background(), func(_ context.Context, m roster.Mail) error {
				token = linkShape.FindStringSubmatch(m.Text)[1]
				return nil
			})
			o.must(err)
			text := fmt.Sprintf("correct horse %d", o.step)
			s, err := o.app.Join(context.Background(), token,
				roster.Joining{FirstName: "Uma", LastName: "Ng", Password: text},
				fmt.Sprintf("192.0.2.1:%d", o.step))
			if err == nil {
				user := o.who(s)
				o.ended(user)
				o.passwords[text] = user
			}
			return "join " + email, err
		},
		func() (string, error) {
			o.id.identity = roster.Identity{
				Issuer: "https://id.example.com", Subject: o.of([]string{"1", "2"}),
				Email: o.of(append([]string{""}, anyEmails...)), EmailVerified: true,
			}
			s, err := o.enter(0, nil)
			if u, lookErr := o.DB.User(o.ctx, o.who(s)); err == nil && lookErr != nil {
				return "", fmt.Errorf("signed on as %+v: %w", u, lookErr)
			}
			return "sign on " + o.id.identity.Subject + " " + o.id.identity.Email, err
		},
		func() (string, error) {
			user, text := o.somebody(), fmt.Sprintf("correct horse %d", o.step)
			_, err := o.app.UpdatePerson(o.ctx, user, roster.UserPatch{Password: &text})
			if err == nil {
				o.ended(user)
				o.passwords[text] = user
			}
			return fmt.Sprintf("password of %d", user), err
		},
	}
}

func cmpString(s *string) *string {
	if s == nil {
		s = new(string)
	}
	return s
}

// holds checks that every name is one person's.
func (o *anyOrder) holds() (wrong []string) {
	names, external := map[string]int64{}, map[string]int64{}
	for _, u := range o.users() {
		for _, key := range []string{mailbox.NameKey(u.UserName), mailbox.Key(u.User.Email)} {
			if other := names[key]; other != 0 && other != u.User.ID {
				wrong = append(wrong, fmt.Sprintf("%d and %d are both %s", other, u.User.ID, key))
			}
			names[key] = u.User.ID
		}
		if other := external[u.ExternalID]; u.ExternalID != "" && other != 0 {
			wrong = append(wrong, fmt.Sprintf("%d and %d are both %s", other, u.User.ID, u.ExternalID))
		}
		external[u.ExternalID] = u.User.ID
	}
	return wrong
}

// TestNamesInAnyOrder: whatever is done to people in whichever order, every name is one
// person's, nothing fails that is not refused, and no password signs in that was ended.
func TestNamesInAnyOrder(t *testing.T) {
	storetest.Long(t)
	atDoor(t, func(t *testing.T, d door) {
		o := &anyOrder{door: d, Rand: rand.New(rand.NewPCG(13, 1)), passwords: map[string]int64{}}
		var log, given []string
		for o.step = range 70 {
			o.World.Clock = o.World.Clock.Add(time.Minute) // for the limits of those who try
			ways := o.ways()
			said, err := ways[o.IntN(len(ways))]()
			log = append(log, fmt.Sprintf("%s: %v", said, err))
			if _, bad := err.(provision.BadLines); err != nil && !bad && roster.KindOf(err) == roster.Internal {
				t.Fatalf("%v\n%s", err, strings.Join(log, "\n"))
			}
			if wrong := o.holds(); len(wrong) > 0 {
				t.Fatalf("%q\n%s", wrong, strings.Join(log, "\n"))
			}
			for password := range o.passwords {
				if !slices.Contains(given, password) {
					given = append(given, password)
				}
			}
		}
		for _, u := range o.users() {
			for i, password := range given {
				s, err := o.app.SignIn(context.Background(), u.User.Email, password, fmt.Sprintf("198.51.%d.%d:1", u.User.ID, i))
				if err == nil && o.passwords[password] != o.who(s) {
					t.Errorf("%s signs in %d\n%s", password, o.who(s), strings.Join(log, "\n"))
				}
			}
		}
	})
}
