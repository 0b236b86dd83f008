{{- define "roster.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "roster.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "roster.labels" -}}
{{ include "roster.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "roster.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* The path of the url, without a slash at its end: "" for the root. */}}
{{- define "roster.path" -}}
{{ (urlParse .Values.url).path | trimSuffix "/" }}
{{- end }}

{{/* What the server and the migration both are told. */}}
{{- define "roster.environment" -}}
- name: ROSTER_CONFIG
  value: /etc/roster/roster.yaml
{{- range $setting, $_ := .Values.secrets }}
- name: ROSTER_{{ $setting | replace "-" "_" | upper }}_FILE
  value: /run/secrets/roster/{{ $setting }}
{{- end }}
{{- end }}

{{- define "roster.mounts" -}}
- {name: settings, mountPath: /etc/roster, readOnly: true}
- {name: secrets, mountPath: /run/secrets/roster, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- end }}

{{- define "roster.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
