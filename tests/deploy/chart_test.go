// Package deploy holds what deploy offers to those who read it: a compose file and a chart.
package deploy

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

const chartDir = "../../deploy/helm/roster"

// kinds are what the chart may make: each is decoded by its own type, and a field that the
// type has not is a mistake.
var kinds = map[string]func() any{
	"ConfigMap":           func() any { return new(core.ConfigMap) },
	"Service":             func() any { return new(core.Service) },
	"ServiceAccount":      func() any { return new(core.ServiceAccount) },
	"Deployment":          func() any { return new(apps.Deployment) },
	"Ingress":             func() any { return new(networking.Ingress) },
	"NetworkPolicy":       func() any { return new(networking.NetworkPolicy) },
	"PodDisruptionBudget": func() any { return new(policy.PodDisruptionBudget) },
	"ServiceMonitor":      func() any { return new(monitoring.ServiceMonitor) },
}

// rendered is what a release of the chart makes, by "Kind/name".
type rendered map[string]any

// render makes the chart with values, as "helm install labels" does, by helm's own engine.
func render(t *testing.T, values string) (rendered, error) {
	t.Helper()
	chart, err := loader.Load(chartDir)
	if err != nil {
		t.Fatal(err)
	}
	given, err := common.ReadValues([]byte(values))
	if err != nil {
		t.Fatal(err)
	}
	options := common.ReleaseOptions{Name: "labels", Namespace: "annotation", Revision: 1, IsInstall: true}
	all, err := util.ToRenderValues(chart, given, options, common.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(chart, all)
	if err != nil {
		return nil, err
	}
	made := rendered{}
	for name, text := range files {
		if !strings.HasSuffix(name, "NOTES.txt") {
			made.take(t, name, text)
		}
	}
	return made, nil
}

// take decodes the documents of a file strictly.
func (r rendered) take(t *testing.T, file, text string) {
	t.Helper()
	for _, document := range strings.Split("\n"+text, "\n---\n") {
		if strings.TrimSpace(document) == "" {
			continue
		}
		var head struct {
			Kind     string
			Metadata struct{ Name string }
		}
		if err := yaml.Unmarshal([]byte(document), &head); err != nil {
			t.Fatalf("%s: %v\n%s", file, err, document)
		}
		kind := kinds[head.Kind]
		if kind == nil {
			t.Fatalf("%s: nobody decodes a %q", file, head.Kind)
		}
		object := kind()
		if err := yaml.UnmarshalStrict([]byte(document), object); err != nil {
			t.Errorf("%s: %v\n%s", file, err, document)
		}
		r[head.Kind+"/"+head.Metadata.Name] = object
	}
}

func must[T any](t *testing.T, r rendered, name string) T {
	t.Helper()
	object, is := r[name].(T)
	if !is {
		t.Fatalf("no %s among %v", name, slices.Sorted(maps.Keys(r)))
	}
	return object
}

// behind is every part of the chart at once.
const behind = `
url: https://example.com/labels
secrets:
  db: {name: labels-db-app, key: uri}
  secret-key: {name: roster, key: secret-key}
  upstream-token: {name: roster, key: upstream-token}
settings: {trusted-proxy: [10.0.0.0/8], rate-limit-calls: 50/s}
upstream: {url: "http://label-studio:8080", podSelector: {app: label-studio}}
ingress: {enabled: true, className: nginx, tlsSecret: labels-tls}
metrics: {enabled: true, serviceMonitor: {enabled: true, labels: {release: prometheus}}}
networkPolicy: {from: [{namespaceSelector: {matchLabels: {name: ingress-nginx}}}]}
nodeSelector: {kubernetes.io/os: linux}
tolerations: [{key: dedicated, operator: Exists}]
affinity: {nodeAffinity: {}}
priorityClassName: high
podAnnotations: {example.com/team: labels}
image: {repository: registry.example.com/roster, pullSecrets: [{name: registry}]}
`

func TestChartIsLinted(t *testing.T) {
	for _, values := range []string{"", behind} {
		given, err := common.ReadValues([]byte(values))
		if err != nil {
			t.Fatal(err)
		}
		linted := lint.RunAll(chartDir, given, "annotation")
		for _, m := range linted.Messages {
			if m.Severity > support.InfoSev { // as --strict: a warning is an error
				t.Errorf("%s: %v", m.Path, m.Err)
			}
		}
	}
}

func TestChartAlone(t *testing.T) {
	r, err := render(t, "")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"ConfigMap/labels-roster", "Deployment/labels-roster", "PodDisruptionBudget/labels-roster",
		"Service/labels-roster", "ServiceAccount/labels-roster"}
	if got := slices.Sorted(maps.Keys(r)); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	one, err := render(t, "replicas: 1")
	if err != nil || one["PodDisruptionBudget/labels-roster"] != nil {
		t.Errorf("a budget of one pod would keep its node from being emptied: %v", err)
	}
}

func TestChartDeployment(t *testing.T) {
	r, err := render(t, behind)
	if err != nil {
		t.Fatal(err)
	}
	pod := must[*apps.Deployment](t, r, "Deployment/labels-roster").Spec.Template.Spec
	if s := pod.SecurityContext; !*s.RunAsNonRoot || *s.RunAsUser == 0 || *pod.AutomountServiceAccountToken {
		t.Errorf("%+v", pod)
	}
	for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
		s := c.SecurityContext
		if !*s.ReadOnlyRootFilesystem || *s.AllowPrivilegeEscalation ||
			!slices.Equal(s.Capabilities.Drop, []core.Capability{"ALL"}) {
			t.Errorf("%s: %+v", c.Name, s)
		}
		if c.Resources.Requests.Memory().IsZero() || c.Image != "registry.example.com/roster:0.0.0" {
			t.Errorf("%s: %+v", c.Name, c)
		}
		secretsByFile(t, c)
	}
	server := pod.Containers[0]
	if got := server.LivenessProbe.HTTPGet.Path; got != "/labels/health/live" {
		t.Errorf("liveness %s", got)
	}
	if got := server.ReadinessProbe.HTTPGet.Path; got != "/labels/health/ready" {
		t.Errorf("readiness %s", got)
	}
}

// secretsByFile: what is secret is in a file, and in no variable.
func secretsByFile(t *testing.T, c core.Container) {
	t.Helper()
	got := map[string]string{}
	for _, v := range c.Env {
		got[v.Name] = v.Value
	}
	want := map[string]string{"ROSTER_CONFIG": "/etc/roster/roster.yaml",
		"ROSTER_DB_FILE":             "/run/secrets/roster/db",
		"ROSTER_SECRET_KEY_FILE":     "/run/secrets/roster/secret-key",
		"ROSTER_UPSTREAM_TOKEN_FILE": "/run/secrets/roster/upstream-token"}
	if !maps.Equal(got, want) {
		t.Errorf("%s: %v", c.Name, got)
	}
}

func TestChartSettings(t *testing.T) {
	r, err := render(t, behind)
	if err != nil {
		t.Fatal(err)
	}
	said := must[*core.ConfigMap](t, r, "ConfigMap/labels-roster").Data["roster.yaml"]
	var got map[string]any
	if err := yaml.Unmarshal([]byte(said), &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"addr": ":8080", "url": "https://example.com/labels",
		"upstream": "http://label-studio:8080", "metrics-addr": ":9464", "rate-limit-calls": "50/s"} {
		if got[key] != want {
			t.Errorf("%s: %v", key, got[key])
		}
	}
	if len(got) != 6 {
		t.Errorf("%v", got)
	}
}

func TestChartIngress(t *testing.T) {
	for url, want := range map[string]string{"https://example.com/labels": "/labels",
		"https://example.com/labels/": "/labels",
		"https://example.com":         "/", "https://example.com/": "/", "https://example.com:8443/a/b": "/a/b"} {
		r, err := render(t, "{url: '"+url+"', ingress: {enabled: true, tlsSecret: cert}}")
		if err != nil {
			t.Fatal(err)
		}
		spec := must[*networking.Ingress](t, r, "Ingress/labels-roster").Spec
		if got := spec.Rules[0].HTTP.Paths[0].Path; got != want || spec.Rules[0].Host != "example.com" ||
			spec.TLS[0].Hosts[0] != "example.com" {
			t.Errorf("%s: %s, %+v", url, got, spec)
		}
	}
}

// TestChartClosesTheUpstream: of the pods of the namespace, and of any other, only Roster's
// reach the upstream.
func TestChartClosesTheUpstream(t *testing.T) {
	r, err := render(t, behind)
	if err != nil {
		t.Fatal(err)
	}
	spec := must[*networking.NetworkPolicy](t, r, "NetworkPolicy/labels-roster-upstream").Spec
	if !maps.Equal(spec.PodSelector.MatchLabels, map[string]string{"app": "label-studio"}) || len(spec.Ingress) != 1 ||
		len(spec.Ingress[0].From) != 1 ||
		!slices.Equal(spec.PolicyTypes, []networking.PolicyType{networking.PolicyTypeIngress}) {
		t.Fatalf("%+v", spec)
	}
	from := spec.Ingress[0].From[0]
	pods := must[*apps.Deployment](t, r, "Deployment/labels-roster").Spec.Selector.MatchLabels
	if from.NamespaceSelector != nil || from.IPBlock != nil || !maps.Equal(from.PodSelector.MatchLabels, pods) {
		t.Errorf("%+v", from)
	}
	own := must[*networking.NetworkPolicy](t, r, "NetworkPolicy/labels-roster").Spec
	if !maps.Equal(own.PodSelector.MatchLabels, pods) || own.Ingress[0].From[0].NamespaceSelector == nil {
		t.Errorf("%+v", own)
	}
}

func TestChartIsWatched(t *testing.T) {
	r, err := render(t, behind)
	if err != nil {
		t.Fatal(err)
	}
	monitor := must[*monitoring.ServiceMonitor](t, r, "ServiceMonitor/labels-roster")
	service := must[*core.Service](t, r, "Service/labels-roster")
	for key, value := range monitor.Spec.Selector.MatchLabels {
		if service.Labels[key] != value {
			t.Errorf("the service has %s=%s", key, service.Labels[key])
		}
	}
	named := func(p core.ServicePort) bool { return p.Name == monitor.Spec.Endpoints[0].Port }
	if !slices.ContainsFunc(service.Spec.Ports, named) || monitor.Labels["release"] != "prometheus" {
		t.Errorf("%+v %+v", monitor, service.Spec.Ports)
	}
}

// TestChartRefuses: what cannot be meant is refused by name.
func TestChartRefuses(t *testing.T) {
	for values, want := range map[string]string{
		"replica: 3":               "replica",
		"replicas: 0":              "replicas",
		"url: example.com":         "url",
		"secrets: {db: {key: ''}}": "secrets",
		"settings: {db: x}":        "settings",
		"settings: {url: x}":       "settings",
		"upstream: {url: 'http://x', podSelector: {app: x}}":                                   "upstream-token",
		"{upstream: {url: 'http://x'}, secrets: {upstream-token: {name: roster, key: token}}}": "podSelector",
		"metrics: {serviceMonitor: {enabled: true}}":                                           "metrics.enabled",
		"{secrets: {password: {name: roster, key: x}}}":                                        "password",
	} {
		if _, err := render(t, values); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", values, err)
		}
	}
}

// TestChartNotes: what is told after an install is whole.
func TestChartNotes(t *testing.T) {
	chart, err := loader.Load(chartDir)
	if err != nil {
		t.Fatal(err)
	}
	all, err := util.ToRenderValues(chart, nil, common.ReleaseOptions{Name: "labels", Namespace: "annotation"},
		common.DefaultCapabilities)
	if err != nil {
		t.Fatal(err)
	}
	files, err := engine.Render(chart, all)
	if err != nil {
		t.Fatal(err)
	}
	if notes := files["roster/templates/NOTES.txt"]; !bytes.Contains([]byte(notes), []byte("https://labels.example.com")) {
		t.Errorf("%q", notes)
	}
}
