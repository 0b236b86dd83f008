package provision

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"roster"
	"roster/internal/core"
)

// SAMLSettings is what the actor's organization says of its SAML provider;
// zero fields when it says nothing.
func (a *Provision) SAMLSettings(ctx context.Context) (roster.SAMLSettings, error) {
	who, err := a.May(ctx, core.EditSAML)
	if err != nil {
		return roster.SAMLSettings{}, err
	}
	return a.SavedSAML(ctx, who.OrganizationID)
}

// SetSAMLSettings changes them. The mappings apply at once, to everybody whose
// groups are known, however a provider said them.
func (a *Provision) SetSAMLSettings(ctx context.Context, patch roster.SAMLPatch) (s roster.SAMLSettings, err error) {
	err = a.Update(ctx, func(tx *Provision) error {
		who, err := tx.May(ctx, core.EditSAML)
		if err != nil {
			return err
		}
		if err := tx.db.LockSCIM(ctx, who.OrganizationID); err != nil {
			return err
		}
		err = tx.RecordingSettings(ctx, who, func() error { return tx.setSAML(ctx, who, patch) })
		if err != nil {
			return err
		}
		s, err = tx.SavedSAML(ctx, who.OrganizationID)
		return err
	})
	return s, err
}

func (a *Provision) setSAML(ctx context.Context, who roster.Actor, patch roster.SAMLPatch) error {
	s, err := a.SavedSAML(ctx, who.OrganizationID)
	if err != nil {
		return err
	}
	if err := patchSAML(&s, patch); err != nil {
		return err
	}
	err = a.db.SetSAMLSettings(ctx, who.OrganizationID, s)
	if roster.KindOf(err) == roster.Exists {
		return roster.InvalidField("domain", "Another organization has one of these domains.")
	}
	if err != nil {
		return err
	}
	return a.membership.SetMappings(ctx, who, roster.MappingSAML, patch.Mappings)
}

// ResetSAML forgets the settings, what groups mean by them and by SCIM's, and
// in which groups people signed in (contract 3.16). It deactivates nobody.
// The groups of a SCIM provider are its own, and stay.
func (a *Provision) ResetSAML(ctx context.Context) error {
	return a.Update(ctx, func(tx *Provision) error {
		who, err := tx.May(ctx, core.EditSAML)
		if err != nil {
			return err
		}
		if err := tx.db.LockSCIM(ctx, who.OrganizationID); err != nil {
			return err
		}
		return tx.RecordingSettings(ctx, who, func() error { return tx.resetSAML(ctx, who) })
	})
}

func (a *Provision) resetSAML(ctx context.Context, who roster.Actor) error {
	if err := a.db.DeleteSAMLSettings(ctx, who.OrganizationID); err != nil {
		return err
	}
	none := map[roster.SCIMTarget][]roster.SCIMMapping{roster.SCIMRole: nil, roster.SCIMWorkspace: nil,
		roster.SCIMProject: nil}
	for _, source := range []roster.MappingSource{roster.MappingSAML, roster.MappingSCIM} {
		if err := a.membership.SetMappings(ctx, who, source, none); err != nil {
			return err
		}
	}
	return a.db.ForgetClaimedGroups(ctx, who.OrganizationID)
}

// patchSAML applies a change.
func patchSAML(s *roster.SAMLSettings, patch roster.SAMLPatch) error {
	if patch.Domain != nil {
		domains, ok := domains(*patch.Domain)
		if !ok {
			return roster.InvalidField("domain", "Must be a domain such as example.com, or several with commas between them.")
		}
		s.Domain = strings.Join(domains, ",")
	}
	if patch.MetadataURL != nil && *patch.MetadataURL != "" && !ValidMetadataURL(*patch.MetadataURL) {
		return roster.InvalidField("metadata_url", "Must be an https:// address with the name of a host.")
	}
	if patch.MetadataXML != nil && *patch.MetadataXML != "" {
		if fault := metadataFault(*patch.MetadataXML); fault != "" {
			return roster.InvalidField("metadata_xml", "%s", fault)
		}
	}
	for field, text := range map[string]*string{
		"idp_provider": patch.Provider, "mapping_email": patch.Email, "mapping_first_name": patch.FirstName,
		"mapping_last_name": patch.LastName, "mapping_groups": patch.Groups,
	} {
		if text == nil {
			continue
		}
		if err := core.ValidLine(field, *text, 1024); err != nil {
			return err
		}
	}
	core.Set(&s.Provider, patch.Provider)
	core.Set(&s.MetadataURL, patch.MetadataURL)
	core.Set(&s.MetadataXML, patch.MetadataXML)
	core.Set(&s.Attributes.Email, patch.Email)
	core.Set(&s.Attributes.FirstName, patch.FirstName)
	core.Set(&s.Attributes.LastName, patch.LastName)
	core.Set(&s.Attributes.Groups, patch.Groups)
	if patch.ManualRolesSaid {
		s.ManualRoles = patch.ManualRoles
	}
	return nil
}

var domainShape = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$`)

// domains reads domains with commas between them, each once.
func domains(text string) (list []string, ok bool) {
	for domain := range strings.SplitSeq(strings.ToLower(text), ",") {
		domain = strings.TrimSpace(domain)
		if len(domain) > 253 || !domainShape.MatchString(domain) {
			return nil, false
		}
		if !slices.Contains(list, domain) {
			list = append(list, domain)
		}
	}
	return list, len(list) <= 1000
}

// ValidDomain reports whether the actor's organization could have a domain: it
// is one, and no other organization's.
func (a *Provision) ValidDomain(ctx context.Context, text string) (bool, error) {
	who, err := a.May(ctx, core.EditSAML)
	if err != nil {
		return false, err
	}
	list, ok := domains(text)
	for _, domain := range list {
		taken, err := a.db.DomainTaken(ctx, who.OrganizationID, domain)
		if err != nil || taken {
			return false, err
		}
	}
	return ok, nil
}

// MayEditSAML reports whether the actor may ask about SAML settings.
func (a *Provision) MayEditSAML(ctx context.Context) error {
	_, err := a.May(ctx, core.EditSAML)
	return err
}

// ValidMetadataURL reports whether an address could be that of a provider's
// metadata. It is looked at and never fetched: a server that fetches what it
// is told to can be made to ask its own network.
func ValidMetadataURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return false
	}
	_, notIP := netip.ParseAddr(u.Hostname())
	return notIP != nil && domainShape.MatchString(strings.ToLower(u.Hostname()))
}

const (
	maxMetadata    = 1 << 20 // the largest metadata, in bytes
	nestedMetadata = 50      // and how deep; a federation in a federation is about ten
)

// metadataFault is what keeps a text from being a SAML entity's metadata; ""
// when nothing does. A document with a DTD is refused unread.
func metadataFault(text string) string {
	if len(text) > maxMetadata {
		return "Ensure this field has no more than 1 MiB."
	}
	in, root, depth := xml.NewDecoder(strings.NewReader(text)), false, 0
	for {
		token, err := in.Token()
		switch {
		case errors.Is(err, io.EOF) && root:
			return ""
		case errors.Is(err, io.EOF):
			return "Must be SAML metadata: an EntityDescriptor or EntitiesDescriptor."
		case err != nil:
			return "This is not well-formed XML."
		}
		switch token := token.(type) {
		case xml.Directive:
			return "A document type is not allowed here."
		case xml.StartElement:
			if depth++; depth == 1 {
				root = isMetadata(token.Name)
			} else if depth > nestedMetadata {
				return fmt.Sprintf("This is nested more than %d levels deep.", nestedMetadata)
			}
		case xml.EndElement:
			depth--
		}
	}
}

func isMetadata(name xml.Name) bool {
	return name.Space == "urn:oasis:names:tc:SAML:2.0:metadata" &&
		(name.Local == "EntityDescriptor" || name.Local == "EntitiesDescriptor")
}
