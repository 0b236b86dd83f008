package scim

import (
	"strings"

	"roster"
)

// A person has one e-mail, which is their work e-mail. Others that a provider sends are
// passed over, like everything that Roster does not keep.

// workEmail is the work e-mail of a list: the primary one of several; nil when none is.
// One without a type counts.
func workEmail(value any) (found *string, err error) {
	list, ok := value.([]any)
	if value == nil {
		return nil, nil
	}
	if !ok {
		list = []any{value}
	}
	for _, item := range list {
		fields, err := objectOf(item)
		if err != nil {
			return nil, invalid("invalidValue", `emails must be a list of {"value": e-mail}.`)
		}
		kind, _ := fields["type"].(string)
		if kind != "" && !strings.EqualFold(kind, "work") {
			continue
		}
		email, err := address(fields["value"])
		if err != nil {
			return nil, err
		}
		primary, err := isPrimary(fields["primary"])
		if err != nil {
			return nil, err
		}
		if primary {
			return email, nil
		}
		if found == nil {
			found = email
		}
	}
	return found, nil
}

// isPrimary reads whether an e-mail is the primary one; absent is not.
func isPrimary(value any) (bool, error) {
	if value == nil {
		return false, nil
	}
	is, err := flag("emails.primary", value)
	return err == nil && *is, err
}

// address is an e-mail as a value: absent is not nobody's.
func address(value any) (*string, error) {
	email, ok := value.(string)
	if !ok || email == "" {
		return nil, invalid("invalidValue", "The value of the work e-mail must be an e-mail address.")
	}
	return &email, nil
}

// setEmail says what an operation of a PATCH makes of the e-mail.
func setEmail(change *roster.SCIMUserChange, o operation, sub string) error {
	about, err := isWork(o.at.filter)
	switch {
	case err != nil:
		return err
	case !about || sub != "" && sub != "value":
		return nil
	case o.remove:
		return invalid("mutability", "The work e-mail cannot be removed.")
	case sub == "value":
		change.Email, err = address(o.value)
		return err
	}
	email, err := workEmail(o.value)
	if err == nil && email == nil && !o.add {
		return invalid("mutability", "The work e-mail cannot be removed, and none of these is one.")
	}
	if email != nil {
		change.Email = email
	}
	return err
}

// isWork reports whether the filter of a path is about the work e-mail.
func isWork(f *roster.SCIMFilter) (bool, error) {
	if f == nil {
		return true, nil
	}
	switch {
	case f.Op == roster.SCIMAnd, f.Op == roster.SCIMOr:
		return ofParts(f)
	case f.Op == roster.SCIMEqual && f.Attribute == "emails.type":
		return strings.EqualFold(f.Value, "work"), nil
	case f.Op == roster.SCIMEqual && f.Attribute == "emails.primary":
		return strings.EqualFold(f.Value, "true"), nil
	}
	return false, invalid("invalidPath", `Name the e-mail by its type: emails[type eq "work"].`)
}

func ofParts(f *roster.SCIMFilter) (bool, error) {
	for i := range f.Parts {
		is, err := isWork(&f.Parts[i])
		if err != nil || is == (f.Op == roster.SCIMOr) {
			return is, err
		}
	}
	return f.Op == roster.SCIMAnd, nil
}
