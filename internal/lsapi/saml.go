package lsapi

import (
	"net/http"

	"roster"
	"roster/internal/provision"
)

func samlRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/saml/settings", do: does((*call).getSAMLSettings),
			summary: "Read the SAML settings",
			answer:  "The settings; empty where nothing was said. The addresses for a provider are null.",
		},
		{
			method: "POST", path: "/api/saml/settings", do: does((*call).setSAMLSettings),
			summary: "Change the SAML settings",
			text:    "Fields that are absent stay as they are.",
			status:  http.StatusCreated, answer: "The settings as they are now.",
		},
		{
			method: "DELETE", path: "/api/saml/settings", do: does((*call).deleteSAMLSettings),
			summary: "Forget the SAML settings",
			text: "Also what groups mean, by these settings and SCIM's, and the groups in which people signed in. " +
				"Nobody is deactivated.",
			answer: "They are gone.",
		},
		{
			method: "POST", path: "/api/saml/settings/validate-domain", do: does((*call).validateSAMLDomain),
			summary: "Ask whether a domain can be used", answer: "Whether it is one, and no other organization's.",
		},
		{
			method: "POST", path: "/api/saml/settings/validate-metadata-url", do: does((*call).validateSAMLMetadataURL),
			summary: "Ask whether an address can be one of metadata",
			text:    "The address is looked at and never fetched.",
			answer:  "Whether it is an https:// address with a host name.",
		},
	}
}

// samlUpdateJSON is the wire's SAMLSettingsUpdate.
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

// samlSettingsJSON is the wire's SAMLSettings. The addresses that a provider
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

func samlUpdateOf(s roster.SAMLSettings) samlUpdateJSON {
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

func (c *call) getSAMLSettings(nothing) (out samlSettingsJSON, err error) {
	s, err := c.app.SAMLSettings(c.r.Context())
	if err != nil {
		return out, err
	}
	capacities, err := c.capacities()
	return samlSettingsJSON{
		samlUpdateJSON: samlUpdateOf(s), Capacities: capacities,
		NameID: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
	}, err
}

type setSAMLSettingsRequest struct {
	Domain      *string  `body:"domain" most:"65536" doc:"The domain of the people's e-mails, or several with commas between them. No two organizations share one."`
	Provider    *string  `body:"idp_provider,null" most:"256" doc:"What the provider is called; null for none."`
	MetadataURL *string  `body:"metadata_url" most:"65536" doc:"An https:// address with a host name. It is never fetched."`
	MetadataXML *string  `body:"metadata_xml" doc:"SAML metadata of at most 1 MiB, without a document type."`
	Email       *string  `body:"mapping_email,null" most:"1024" doc:"The attribute with the e-mail."`
	FirstName   *string  `body:"mapping_first_name,null" most:"1024" doc:"The attribute with the first name."`
	LastName    *string  `body:"mapping_last_name,null" most:"1024" doc:"The attribute with the last name."`
	Groups      *string  `body:"mapping_groups,null" most:"1024" doc:"The attribute with the groups."`
	ManualRoles saidBool `body:"manual_role_management,null" doc:"Whether leaving the last group that gives a role deactivates nobody."`
	Mappings    groupMappings
}

// setSAMLSettings is POST /api/saml/settings (contract 3.16). Fields that are
// absent stay as they are.
func (c *call) setSAMLSettings(in setSAMLSettingsRequest) (samlUpdateJSON, error) {
	s, err := c.app.SetSAMLSettings(c.r.Context(), roster.SAMLPatch{
		Domain: in.Domain, Provider: in.Provider, MetadataURL: in.MetadataURL, MetadataXML: in.MetadataXML,
		Email: in.Email, FirstName: in.FirstName, LastName: in.LastName, Groups: in.Groups,
		ManualRolesSaid: in.ManualRoles.said, ManualRoles: in.ManualRoles.value, Mappings: in.Mappings,
	})
	return samlUpdateOf(s), err
}

// saidBool tells null, which is a value, from absence.
type saidBool struct {
	said  bool
	value *bool
}

func (s *saidBool) read(r *request, f field) {
	name := f.name
	s.said, s.value = r.body().has(name), r.body().boolean(name)
}

func (c *call) deleteSAMLSettings(nothing) (out nothing, err error) {
	return out, c.app.ResetSAML(c.r.Context())
}

// validityJSON is the wire's ValidateSAMLDomainResponse, and the other one's.
type validityJSON struct {
	Valid bool `json:"valid"`
}

type samlDomainRequest struct {
	Domain string `body:"domain,filled" most:"65536" doc:"The domain, or several with commas between them."`
}

func (c *call) validateSAMLDomain(in samlDomainRequest) (validityJSON, error) {
	valid, err := c.app.ValidDomain(c.r.Context(), in.Domain)
	return validityJSON{valid}, err
}

type samlMetadataURLRequest struct {
	Address string `body:"metadata_url,filled" most:"65536" doc:"The address."`
}

func (samlMetadataURLRequest) rule(c *call) error { return c.app.MayEditSAML(c.r.Context()) }

// validateSAMLMetadataURL looks at an address and asks nobody: it must not
// become a way to have this server ask its own network.
func (c *call) validateSAMLMetadataURL(in samlMetadataURLRequest) (validityJSON, error) {
	return validityJSON{provision.ValidMetadataURL(in.Address)}, nil
}
