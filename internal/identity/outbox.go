package identity

import (
	"context"

	"roster"
	"roster/internal/core"
)

// MailTransport says in words how mail goes out.
func (a *Identity) MailTransport(ctx context.Context) (roster.Text, error) {
	if _, err := a.May(ctx, core.ManagePeople); err != nil {
		return "", err
	}
	if a.config.Transport.Send == nil {
		return "No mail goes out: this server was not told how.", nil
	}
	return a.config.Transport.Words, nil
}

// TestMail sends the actor a letter at once, past the outbox, and says what
// came of it. Invalid, with the mail server's words, when it could not be sent.
func (a *Identity) TestMail(ctx context.Context) (roster.Text, error) {
	who, err := a.May(ctx, core.ManagePeople)
	if err != nil {
		return "", err
	}
	u, err := a.db.User(ctx, who.UserID)
	if err != nil {
		return "", err
	}
	if a.config.Transport.Send == nil {
		return "", roster.Errorf(roster.Invalid, "The test mail was not sent: this server was not told how mail goes out.")
	}
	language, err := a.languages(ctx, u.Email, nil)
	if err != nil {
		return "", err
	}
	l := language(u.Email)
	letter := roster.Mail{Recipient: u.Email, Subject: l.Say("Roster can send mail"),
		Text: l.Say("Hello,") + "\n\n" + l.Say(roster.Text("this is the test that you asked for in the settings of Roster "+
			"at {address}. Nothing else is to do.").With("address", a.config.URL)) + "\n"}
	if err := a.config.Transport.Send(ctx, letter); err != nil {
		return "", roster.Errorf(roster.Invalid, "The test mail was not sent. The mail server says: %s",
			core.Shortened(core.OneLine(err.Error()), 500))
	}
	if a.config.Transport.Prints {
		return "The test mail was printed where the server runs. It reaches nobody.", nil
	}
	return roster.Formatted("The mail server took the test mail to %s. If it does not arrive, look among the spam.",
		u.Email), nil
}

// RetryMail has a letter sent now that waits for a later attempt. One that is
// being sent at this moment may arrive twice, under one Message-ID.
func (a *Identity) RetryMail(ctx context.Context, id int64) error {
	who, err := a.May(ctx, core.ManagePeople)
	if err != nil {
		return err
	}
	waits, err := a.db.RetryMail(ctx, who.OrganizationID, id, a.Now())
	if err == nil && !waits {
		err = roster.Errorf(roster.NotAllowed,
			"This letter does not wait any more: it was sent, given up or taken back. Nothing was changed.")
	}
	return err
}
