package lsapi

import (
	"net/http"

	"roster"
	"roster/internal/app"
)

var samlRoutes = []plainRoute{
	{"GET", "/api/saml/settings", (*call).getSamlSettings},
	{"POST", "/api/saml/settings", (*call).setSamlSettings},
	{"DELETE", "/api/saml/settings", (*call).deleteSamlSettings},
	{"POST", "/api/saml/settings/validate-domain", (*call).validateSamlDomain},
	{"POST", "/api/saml/settings/validate-metadata-url", (*call).validateSamlMetadataURL},
}

// samlUpdateJSON is the wire's SamlSettingsUpdate.
type samlUpdateJSON struct {
	Domain      string  `json:"domain,omitempty"`
	Provider    *string `json:"idp_provider"`
	ManualRoles *bool   `json:"manual_role_management"`
	Email       *string `json:"mapping_email"`
	FirstName   *string `json:"mapping_first_name"`
	LastName    *string `json:"mapping_last_name"`
	Groups      *string `json:"mapping_groups"`
	MetadataURL string  `json:"metadata_url"`
	MetadataXML string  `json:"metadata_xml"`
	scimSettingsJSON
}

// samlSettingsJSON is the wire's SamlSettings. The addresses that a provider
// would be told are null: nobody can sign in by SAML here.
type samlSettingsJSON struct {
	samlUpdateJSON
	ACS         *string `json:"acs_url"`
	Login       *string `json:"login_url"`
	Logout      *string `json:"logout_url"`
	MetadataDoc *string `json:"metadata_xml_url"`
	NameID      string  `json:"nameid_format"`
	Token       string  `json:"token"`

	Capacities map[roster.UserType]capacityJSON `json:"user_type_capacities"`
}

func samlUpdateOf(s roster.SamlSettings) samlUpdateJSON {
	return samlUpdateJSON{
		Domain: s.Domain, Provider: orNothing(s.Provider), ManualRoles: s.ManualRoles,
		Email: orNothing(s.Attributes.Email), FirstName: orNothing(s.Attributes.FirstName),
		LastName: orNothing(s.Attributes.LastName), Groups: orNothing(s.Attributes.Groups),
		MetadataURL: s.MetadataURL, MetadataXML: s.MetadataXML, scimSettingsJSON: scimSettingsOf(s.Mappings),
	}
}

// orNothing is null for a text that is empty.
func orNothing(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (c *call) getSamlSettings() error {
	s, err := c.app.SamlSettings(c.r.Context())
	if err != nil {
		return err
	}
	capacities, err := c.capacities()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, samlSettingsJSON{
		samlUpdateJSON: samlUpdateOf(s), Capacities: capacities, NameID: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
	})
}

// setSamlSettings is POST /api/saml/settings (contract 3.16). Fields that are
// absent stay as they are.
func (c *call) setSamlSettings() error {
	b, err := c.body()
	if err != nil {
		return err
	}
	patch := roster.SamlPatch{
		Domain: b.text("domain", 65536), Provider: b.clearing("idp_provider", 256), MetadataURL: b.text("metadata_url", 65536), MetadataXML: b.text("metadata_xml", maxBody),
		Email: b.clearing("mapping_email", 1024), FirstName: b.clearing("mapping_first_name", 1024), LastName: b.clearing("mapping_last_name", 1024),
		Groups: b.clearing("mapping_groups", 1024), ManualRolesSaid: b.has("manual_role_management"), Mappings: b.mappings(),
	}
	if patch.ManualRolesSaid && !b.null("manual_role_management") {
		patch.ManualRoles = b.boolean("manual_role_management")
	}
	if err := b.err(); err != nil {
		return err
	}
	s, err := c.app.SetSamlSettings(c.r.Context(), patch)
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, samlUpdateOf(s))
}

// clearing is text, which null empties.
func (b *body) clearing(name string, most int) *string {
	if b.has(name) && b.null(name) {
		return new(string)
	}
	return b.text(name, most)
}

func (c *call) deleteSamlSettings() error {
	if err := c.app.ResetSaml(c.r.Context()); err != nil {
		return err
	}
	return c.empty(http.StatusNoContent)
}

// validityJSON is the wire's ValidateSamlDomainResponse, and the other one's.
type validityJSON struct {
	Valid bool `json:"valid"`
}

func (c *call) validateSamlDomain() error {
	domain, err := c.required("domain")
	if err != nil {
		return err
	}
	valid, err := c.app.ValidDomain(c.r.Context(), domain)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, validityJSON{valid})
}

// validateSamlMetadataURL looks at an address and asks nobody: it must not
// become a way to have this server ask its own network.
func (c *call) validateSamlMetadataURL() error {
	if err := c.app.MayEditSaml(c.r.Context()); err != nil {
		return err
	}
	address, err := c.required("metadata_url")
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, validityJSON{app.ValidMetadataURL(address)})
}

// required is the one field of a body.
func (c *call) required(name string) (string, error) {
	b, err := c.body()
	if err != nil {
		return "", err
	}
	b.require(name)
	text := b.text(name, 65536)
	if err := b.err(); err != nil {
		return "", err
	}
	if text == nil || *text == "" {
		return "", roster.InvalidField(name, "This field may not be blank.")
	}
	return *text, nil
}
