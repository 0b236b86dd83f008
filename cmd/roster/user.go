package main

import (
	"bufio"
	"strings"

	"github.com/alecthomas/kong"

	"roster"
	"roster/client"
)

type userCommands struct {
	Add        userAdd        `cmd:"" help:"Add a person to the organization."`
	List       userList       `cmd:"" help:"List the organization's people."`
	Deactivate userDeactivate `cmd:"" help:"Take all access from people; everything of theirs stays."`
	Unlink     userUnlink     `cmd:"" help:"Forget which account at the single sign-on provider is this person's. The next sign-in with their verified e-mail says it anew."`
}

type userAdd struct {
	actorFlags
	Email         string `arg:"" help:"E-mail address."`
	FirstName     string `placeholder:"NAME" help:"First name."`
	LastName      string `placeholder:"NAME" help:"Last name."`
	Role          string `placeholder:"CODE" help:"AD, MA, RE, AN or NO (default: the organization's default role)."`
	PasswordStdin bool   `help:"Read a password from the first line of stdin; without one nobody can sign in with a password."`
	JSON          bool   `name:"json" help:"Print JSON."`
}

// Run adds a person.
func (u *userAdd) Run(c *console) error {
	roles, err := codes("--role", given(u.Role), roster.Role.Assignable)
	if err != nil {
		return err
	}
	n := client.NewUser{Email: u.Email, FirstName: u.FirstName, LastName: u.LastName}
	if u.PasswordStdin {
		line, _ := bufio.NewReader(c.stdin).ReadString('\n')
		n.Password = strings.TrimRight(line, "\r\n")
	}
	s, err := u.connect(c)
	return with(s, err, func(s *session) error {
		made, err := s.CreateUser(c.ctx, n)
		if err != nil {
			return err
		}
		for _, role := range roles {
			if _, err := s.SetRole(c.ctx, s.organization, made.ID, role); err != nil {
				return err
			}
		}
		if u.JSON {
			return c.json(made)
		}
		c.say("Added %s.", called("person", made.ID, made.Email))
		return nil
	})
}

// given is a list of the value, unless it is empty.
func given(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

type userList struct {
	actorFlags
	filterFlags
	JSON bool `name:"json" help:"Print JSON."`
}

// Validate refuses filters without a value.
func (u userList) Validate(k *kong.Context) error { return u.valued(k) }

// Run lists people.
func (u *userList) Run(c *console) error {
	s, err := u.connect(c)
	return with(s, err, func(s *session) error {
		f, err := s.filter(u.filterFlags)
		if err != nil {
			return err
		}
		return list(c, u.JSON, s.People(c.ctx, s.organization, f), "ID\tEMAIL\tNAME\tROLE\tSEAT\tLAST ACTIVE\tTAGS",
			func(p client.Person) []any {
				return []any{p.User.ID, p.User.Email, p.User.Name(), p.Role, p.UserType, day(p.User.LastActivity), labels(p.Tags)}
			})
	})
}

type userDeactivate struct {
	actorFlags
	Who []string `arg:"" name:"id|email" help:"People, by id or e-mail address."`
}

// Run deactivates people. Whoever cannot be found stops it before it begins.
func (u *userDeactivate) Run(c *console) error {
	s, err := u.connect(c)
	return with(s, err, func(s *session) error {
		ids, err := s.ids(u.Who, s.person)
		if err != nil {
			return err
		}
		for i, id := range ids {
			if _, err := s.SetRole(c.ctx, s.organization, id, roster.RoleDeactivated); err != nil {
				return err
			}
			c.say("Deactivated %s.", cell(u.Who[i]))
		}
		return nil
	})
}
