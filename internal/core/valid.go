package core

import (
	"errors"
	"slices"
	"strings"

	"roster"
)

// ValidUser completes and checks what a new person is made of.
func ValidUser(n *roster.NewUser) (err error) {
	if n.Email, err = CleanEmail(n.Email); err != nil {
		return err
	}
	if n.Username == "" {
		n.Username = n.Email
	}
	if n.UserType == "" {
		n.UserType = roster.SeatStandard
	}
	fields := map[string]string{"username": n.Username, "first_name": n.FirstName, "last_name": n.LastName,
		"phone": n.Phone}
	for _, name := range []string{"username", "first_name", "last_name", "phone"} {
		if err := ValidLine(name, fields[name], 256); err != nil {
			return err
		}
	}
	if n.Password != "" {
		return ValidPassword(n.Password)
	}
	return nil
}

// ValidText refuses text that is too long or holds control characters.
func ValidText(field, text string, most int) error {
	if len([]rune(text)) > most {
		return roster.InvalidField(field, "Ensure this field has no more than %d characters.", most)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' }) {
		return roster.InvalidField(field, "Control characters are not allowed.")
	}
	return nil
}

// ValidLine is ValidText for what has one line, such as a name: in a mail a
// second line could pass for a header, or for the mail's own words.
func ValidLine(field, text string, most int) error {
	if strings.ContainsFunc(text, func(r rune) bool {
		return r == '\n' || r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029
	}) {
		return roster.InvalidField(field, "Line breaks are not allowed.")
	}
	return ValidText(field, text, most)
}

// FirstMessage is what a complaint about one field says.
func FirstMessage(err error) string {
	if e, ok := errors.AsType[*roster.Error](err); ok {
		for _, messages := range e.Fields {
			return messages[0]
		}
		return e.Message
	}
	return ""
}

// Sorted is ids ascending, each once.
func Sorted(ids []int64) []int64 {
	return slices.Compact(slices.Sorted(slices.Values(ids)))
}

// OneLine is text without line breaks and other control characters.
func OneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029
	}), " ")
}

// Shortened is the first so many characters of text.
func Shortened(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}

// ValidLabel trims the text that names something, and refuses one that is
// empty, too long, or holds control characters.
func ValidLabel(field, text string, most int) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", roster.InvalidField(field, "This field may not be blank.")
	}
	return text, ValidText(field, text, most)
}

// Unknown says that a field names something that is not there.
func Unknown(field string, id int64) error {
	return roster.InvalidField(field, "Invalid pk \"%d\" - object does not exist.", id)
}

// Set changes a field that a patch mentions.
func Set[T any](field *T, to *T) {
	if to != nil {
		*field = *to
	}
}
