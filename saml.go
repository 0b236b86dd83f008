package roster

// SamlSettings is what an organization says of its SAML provider. They are
// kept and checked; nobody signs in with them.
type SamlSettings struct {
	Domain      string // of its people's e-mails, several with commas
	Provider    string // what it is called
	MetadataURL string // never fetched
	MetadataXML string
	Attributes  SamlAttributes
	ManualRoles *bool         // leaving the last group that gives a role deactivates nobody; nil: nobody said
	Mappings    []ScimMapping // beside those of SCIM; where both give a role in a project, SCIM's counts
}

// SamlAttributes is which attributes of an assertion mean what.
type SamlAttributes struct{ Email, FirstName, LastName, Groups string }

// SamlPatch changes settings; nil leaves a field as it is, and so does a kind
// of mapping that is not there.
type SamlPatch struct {
	Domain, Provider, MetadataURL, MetadataXML *string
	Email, FirstName, LastName, Groups         *string
	ManualRoles                                *bool
	ManualRolesSaid                            bool // ManualRoles counts, nil too
	Mappings                                   map[ScimTarget][]ScimMapping
}

// MappingSource is which settings a mapping is of.
type MappingSource string

// The sources of mappings.
const (
	MappingScim MappingSource = "scim"
	MappingSaml MappingSource = "saml"
)
