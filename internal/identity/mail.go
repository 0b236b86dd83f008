package identity

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"time"

	"roster"
	"roster/internal/core"
	"roster/internal/locale"
	"roster/internal/metrics"
	"roster/internal/store"
)

const (
	mailBatch    = 5               // letters taken at once
	mailLease    = 5 * time.Minute // how long whoever took them has to send them
	mailAttempts = 8               // then it is given up: after about two hours

	mailWaits = time.Minute << (mailAttempts - 1) // twice as long as the last attempt waits
)

// DeliverMail sends what is due in the outbox and returns how many letters it
// took. A letter that cannot be sent is tried again later and later, and at
// last given up; its state says so.
func (a *Identity) DeliverMail(ctx context.Context, send func(context.Context, roster.Mail) error) (int, error) {
	letters, err := a.db.ClaimMail(ctx, store.Due{Now: a.Now(), Longest: mailWaits}, a.Now().Add(mailLease), mailBatch)
	if err != nil {
		return 0, err
	}
	for _, letter := range letters {
		if err := a.deliver(ctx, letter, send); err != nil {
			return len(letters), err
		}
	}
	return len(letters), nil
}

func (a *Identity) deliver(ctx context.Context, letter store.SealedMail,
	send func(context.Context, roster.Mail) error) error {
	text, err := a.Sealer.Open(letter.Sealed)
	if err != nil { // no later attempt could read it either
		return a.db.MailFailed(ctx, letter.ID, "It was written under another server key. Invite again.", time.Time{})
	}
	err = send(ctx, roster.Mail{ID: letter.ID, Recipient: letter.Recipient, Subject: letter.Subject, Text: text,
		Attempts: letter.Attempts})
	metrics.Mailed(err)
	switch {
	case err == nil:
		return a.db.MailSent(ctx, letter.ID, a.Now(), a.config.Transport.Prints)
	case ctx.Err() != nil: // the server stops; the next one sends it
		return ctx.Err()
	}
	next := time.Time{}
	if tried := letter.Attempts + 1; tried < mailAttempts {
		next = a.Now().Add(time.Minute << letter.Attempts)
	}
	slog.WarnContext(ctx, "mail was not sent", "mail", letter.ID, "attempt", letter.Attempts+1, "again",
		!next.IsZero(), "error", err)
	return a.db.MailFailed(ctx, letter.ID, core.Shortened(core.OneLine(err.Error()), 500), next)
}

// languages is what the mail to each of some e-mails is written in: the language that its
// receiver chose, or else the one of whoever sends it, by their own choice or by that of their
// browser. The server knows no other of somebody who is not here yet.
func (a *Identity) languages(ctx context.Context, by string, emails []string) (func(email string) *locale.Language,
	error) {
	chosen, err := a.db.PreferenceByEmail(ctx, core.LanguageChosen, append([]string{by}, emails...))
	if err != nil {
		return nil, err
	}
	return func(email string) *locale.Language {
		return cmp.Or(locale.Find(chosen[email]), locale.Find(chosen[by]), locale.In(ctx))
	}, nil
}

// invitationMail is what brings an invitation. The names in it were written by people: each
// stays on its line.
func (a *Identity) invitationMail(l *locale.Language, org roster.Organization, by roster.User, i roster.Invitation,
	token string) (subject, text string) {
	title := core.Shortened(core.OneLine(org.Title), 100)
	say := func(message roster.Text, pairs ...any) string { return l.Say(message.With(pairs...)) }
	subject = say("Invitation to {organization}", "organization", title)
	text = strings.Join([]string{
		say("Hello,"),
		say("{person} invites you to join {organization} on Roster, as {role}.", "person", called(by),
			"organization", title, "role", i.Role.Text()),
		say("To accept, choose a password here until {time}:", "time", locale.Minute(i.ExpiresAt)),
		a.config.URL + InvitePath(token),
		say("The link is for you alone. If you did not expect this mail, do nothing."),
	}, "\n\n") + "\n"
	return subject, text
}

// called is a person's name and e-mail, or the e-mail alone.
func called(u roster.User) string {
	if u.Name() == u.Email {
		return u.Email
	}
	return core.Shortened(core.OneLine(u.Name()), 100) + " (" + u.Email + ")"
}

// InvitePath is where a token of an invitation leads.
func InvitePath(token string) string { return "/user/signup/?token=" + token }

// Outbox is one page of the mail that the actor's organization sent or is to
// send, newest first, and how much there is in all.
func (a *Identity) Outbox(ctx context.Context, page roster.Page) (letters []roster.Letter, total int, err error) {
	err = a.View(ctx, func(tx *Identity) error {
		who, err := tx.May(ctx, core.ManagePeople)
		if err != nil {
			return err
		}
		letters, total, err = tx.db.Outbox(ctx, who.OrganizationID, page)
		return err
	})
	return letters, total, err
}
