{{- /* The pod template of a workload: a dict with `root`, and `isNode` for the DaemonSet's. */ -}}
{{- define "kube-state-otlp.pod" -}}
{{- $root := .root }}
{{- $values := .root.Values }}
{{- $component := .isNode | ternary "node" "state" }}
{{- $namespaces := (include "kube-state-otlp.namespaces" $root | fromYaml).names }}
{{- $denied := (include "kube-state-otlp.deniedNamespaces" $root | fromYaml).names }}
{{- $resources := include "kube-state-otlp.resources" $root | fromYaml }}
{{- $readsCustomResources := and $values.customResourceState.enabled (not .isNode) }}
metadata:
  labels:
    {{- include "kube-state-otlp.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $component }}
    {{- with $values.podLabels }}
    {{- tpl (toYaml .) $root | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ include "kube-state-otlp.config" $root | sha256sum }}
    {{- if $readsCustomResources }}
    checksum/custom-resources: {{ toYaml $values.customResourceState.config | sha256sum }}
    {{- end }}
    {{- if $values.collector.sidecar.enabled }}
    checksum/collector: {{ include "kube-state-otlp.collectorConfig" $root | sha256sum }}
    {{- end }}
    {{- with $values.podAnnotations }}
    {{- tpl (toYaml .) $root | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ .isNode | ternary (include "kube-state-otlp.nodeAccountName" $root) (include "kube-state-otlp.accountName" $root) }}
  automountServiceAccountToken: {{ $values.automountServiceAccountToken }}
  enableServiceLinks: false
  terminationGracePeriodSeconds: 15
  {{- if $values.hostNetwork }}
  hostNetwork: true
  {{- end }}
  {{- if kindIs "bool" $values.hostUsers }}
  hostUsers: {{ $values.hostUsers }}
  {{- end }}
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $values.dnsPolicy }}
  dnsPolicy: {{ . }}
  {{- end }}
  {{- with $values.dnsConfig }}
  dnsConfig:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with (include "kube-state-otlp.pullSecrets" $root | trim) }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- if $values.securityContext.enabled }}
  securityContext:
    {{- omit $values.securityContext "enabled" | toYaml | nindent 4 }}
  {{- end }}
  {{- with $values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with (.isNode | ternary $values.perNode.tolerations $values.tolerations) }}
  tolerations:
    {{- tpl (toYaml .) $root | nindent 4 }}
  {{- end }}
  {{- if not .isNode }}
  {{- with $values.affinity }}
  affinity:
    {{- (kindIs "string" .) | ternary (tpl (toString .) $root) (tpl (toYaml .) $root) | nindent 4 }}
  {{- end }}
  {{- with $values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- tpl (toYaml .) $root | nindent 4 }}
  {{- end }}
  {{- end }}
  {{- if or $values.initContainers $values.collector.sidecar.enabled }}
  initContainers:
    {{- with $values.initContainers }}
    {{- (kindIs "string" .) | ternary (tpl (toString .) $root) (tpl (toYaml .) $root) | nindent 4 }}
    {{- end }}
    {{- if $values.collector.sidecar.enabled }}
    {{- include "kube-state-otlp.sidecar" $root | nindent 4 }}
    {{- end }}
  {{- end }}
  containers:
    - name: kube-state-otlp
      image: {{ include "kube-state-otlp.image" (dict "root" $root "image" $values.image "tag" $root.Chart.AppVersion) }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      args:
        - --config=/etc/kube-state-otlp/config.yaml
        - --port={{ $values.service.port }}
        - --telemetry-port={{ $values.selfMonitor.telemetryPort }}
        {{- with $values.selfMonitor.telemetryHost }}
        - {{ printf "--telemetry-host=%s" . | quote }}
        {{- end }}
        {{- if .isNode }}
        - --resources=pods
        {{- else if not $resources.isDefault }}
        - {{ printf "--resources=%s" (join "," $resources.plurals) | quote }}
        {{- end }}
        {{- with $namespaces }}
        - {{ printf "--namespaces=%s" (join "," .) | quote }}
        {{- end }}
        {{- with $denied }}
        - {{ printf "--namespaces-denylist=%s" (join "," .) | quote }}
        {{- end }}
        {{- with $values.metricAllowlist }}
        - {{ printf "--metric-allowlist=%s" (join "," .) | quote }}
        {{- end }}
        {{- with $values.metricDenylist }}
        - {{ printf "--metric-denylist=%s" (join "," .) | quote }}
        {{- end }}
        {{- with $values.metricLabelsAllowlist }}
        - {{ printf "--metric-labels-allowlist=%s" (join "," .) | quote }}
        {{- end }}
        {{- with $values.metricAnnotationsAllowList }}
        - {{ printf "--metric-annotations-allowlist=%s" (join "," .) | quote }}
        {{- end }}
        {{- if $values.kubeconfig.enabled }}
        - --kubeconfig=/etc/kubeconfig/config
        {{- end }}
        {{- if $readsCustomResources }}
        - --custom-resource-state-config-file=/etc/custom-resource-state/{{ $values.customResourceState.key }}
        {{- end }}
        {{- if and $values.customResourceState.configMapSelector (not .isNode) }}
        - {{ printf "--custom-resource-state-config-map-selector=%s" $values.customResourceState.configMapSelector | quote }}
        {{- with $values.customResourceState.configMapNamespaces }}
        - {{ printf "--custom-resource-state-config-map-namespaces=%s" (join "," .) | quote }}
        {{- end }}
        {{- end }}
        {{- if and $values.customResourceState.resourceMetricsMonitors (not .isNode) }}
        - --resource-metrics-monitors
        {{- with $values.customResourceState.resourceMetricsMonitorNamespaces }}
        - {{ printf "--resource-metrics-monitor-namespaces=%s" (join "," .) | quote }}
        {{- end }}
        {{- end }}
        {{- if $values.authFilter.enabled }}
        - --auth-filter
        {{- end }}
        {{- if and $values.leaderElection.enabled (not .isNode) }}
        - --leader-election
        - {{ printf "--leader-election-lease-name=%s" (include "kube-state-otlp.fullname" $root) | quote }}
        {{- end }}
        {{- range $values.extraArgs }}
        - {{ tpl . $root | quote }}
        {{- end }}
      {{- with (include "kube-state-otlp.env" . | trim) }}
      env:
        {{- . | nindent 8 }}
      {{- end }}
      ports:
        - name: http-metrics
          containerPort: {{ $values.service.port }}
        - name: telemetry
          containerPort: {{ $values.selfMonitor.telemetryPort }}
      {{- if $values.startupProbe.enabled }}
      startupProbe:
        {{- include "kube-state-otlp.probe" (dict "probe" $values.startupProbe "path" "/livez" "port" "http-metrics") | nindent 8 }}
      {{- end }}
      livenessProbe:
        {{- include "kube-state-otlp.probe" (dict "probe" $values.livenessProbe "path" "/livez" "port" "http-metrics") | nindent 8 }}
      readinessProbe:
        {{- include "kube-state-otlp.probe" (dict "probe" $values.readinessProbe "path" "/readyz" "port" "telemetry") | nindent 8 }}
      {{- with (.isNode | ternary $values.perNode.resources $values.resources) }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.containerSecurityContext }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      volumeMounts:
        - name: config
          mountPath: /etc/kube-state-otlp
          readOnly: true
        {{- if $values.kubeconfig.enabled }}
        - name: kubeconfig
          mountPath: /etc/kubeconfig
          readOnly: true
        {{- end }}
        {{- if $readsCustomResources }}
        - name: custom-resource-state
          mountPath: /etc/custom-resource-state
          readOnly: true
        {{- end }}
        {{- with $values.volumeMounts }}
        {{- tpl (toYaml .) $root | nindent 8 }}
        {{- end }}
    {{- with $values.containers }}
    {{- (kindIs "string" .) | ternary (tpl (toString .) $root) (tpl (toYaml .) $root) | nindent 4 }}
    {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ include "kube-state-otlp.fullname" $root }}
    {{- if $values.kubeconfig.enabled }}
    - name: kubeconfig
      secret:
        secretName: {{ include "kube-state-otlp.fullname" $root }}-kubeconfig
    {{- end }}
    {{- if $values.collector.sidecar.enabled }}
    - name: otel-collector
      configMap:
        name: {{ include "kube-state-otlp.fullname" $root }}-collector
    {{- end }}
    {{- if $readsCustomResources }}
    - name: custom-resource-state
      configMap:
        name: {{ default (printf "%s-custom-resources" (include "kube-state-otlp.fullname" $root)) $values.customResourceState.name }}
    {{- end }}
    {{- with $values.volumes }}
    {{- tpl (toYaml .) $root | nindent 4 }}
    {{- end }}
{{- end }}

{{- /* Variables of the container, as a list; empty text when there are none. */ -}}
{{- define "kube-state-otlp.env" -}}
# The instance of self-metrics, and the holder of the Lease.
- name: POD_UID
  valueFrom:
    fieldRef:
      fieldPath: metadata.uid
{{- if $.isNode }}
- name: KUBE_STATE_OTLP_NODE
  valueFrom:
    fieldRef:
      fieldPath: spec.nodeName
{{- else if $.root.Values.perNode.enabled }}
- name: KUBE_STATE_OTLP_TRACK_UNSCHEDULED_PODS
  value: "true"
{{- end }}
{{- if and $.root.Values.autosharding.enabled (not $.isNode) }}
# The shard is the ordinal in the name, and the number of shards is that of the replicas.
- name: KUBE_STATE_OTLP_POD
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- end }}
{{- if and (or $.root.Values.leaderElection.enabled $.root.Values.autosharding.enabled) (not $.isNode) }}
# The namespace of the Leases and of the StatefulSet.
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- end }}
{{- with $.root.Values.otlpHeadersSecret }}
- name: OTEL_EXPORTER_OTLP_METRICS_HEADERS
  valueFrom:
    secretKeyRef:
      {{- toYaml . | nindent 6 }}
{{- end }}
{{- with $.root.Values.env }}
{{ tpl (toYaml .) $.root }}
{{- end }}
{{- end }}

{{- define "kube-state-otlp.probe" -}}
httpGet:
  path: {{ .path }}
  port: {{ .port }}
  {{- with .probe.httpGet }}
  {{- with .scheme }}
  scheme: {{ upper . }}
  {{- end }}
  {{- with .httpHeaders }}
  httpHeaders:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
{{ omit .probe "enabled" "httpGet" | toYaml }}
{{- end }}

{{- /* The configuration file: sections of the values under the keys of config/default.yaml. */ -}}
{{- define "kube-state-otlp.config" -}}
{{- $otlp := .Values.otlp }}
{{- if .Values.collector.sidecar.enabled }}
{{- $otlp = merge (dict "endpoint" "http://localhost:4317") $otlp }}
{{- end }}
{{- $sections := dict }}
{{- range $name, $section := dict "otlp" $otlp "push" .Values.push "telemetry" .Values.telemetry "server" .Values.server "kubernetes" .Values.kubernetes }}
{{- $given := dict }}
{{- range $key, $value := $section }}
{{- if not (or (kindIs "invalid" $value) (eq (toString $value) "")) }}{{ $_ := set $given $key $value }}{{ end }}
{{- end }}
{{- if $given }}{{ $_ := set $sections $name $given }}{{ end }}
{{- end }}
{{- with .Values.destinations }}{{ $_ := set $sections "destinations" . }}{{ end }}
{{- toYaml $sections }}
{{- end }}

{{- define "kube-state-otlp.collectorConfig" -}}
{{- .Values.collector.sidecar.config | default (.Files.Get "files/sidecar.yaml") }}
{{- end }}

{{- define "kube-state-otlp.sidecar" -}}
{{- with .Values.collector.sidecar }}
- name: otel-collector
  image: {{ include "kube-state-otlp.image" (dict "root" $ "image" .image "tag" .image.tag) }}
  imagePullPolicy: {{ .image.pullPolicy }}
  # A sidecar container: it starts before kube-state-otlp and stops after it.
  restartPolicy: Always
  args: [--config=/etc/otel-collector/config.yaml]
  env:
    - name: PROMETHEUS_URL
      value: {{ required "collector.sidecar.prometheusUrl: where the Collector pushes to, such as http://prometheus.monitoring:9090/api/v1/otlp" .prometheusUrl | quote }}
    # Kubelets probe the pod's address, not localhost.
    - name: HEALTH_ADDRESS
      value: 0.0.0.0:13133
    {{- with .env }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  ports:
    - name: health
      containerPort: 13133
  startupProbe:
    httpGet:
      path: /
      port: health
    periodSeconds: 1
    failureThreshold: 30
  {{- with .resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $.Values.containerSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - name: otel-collector
      mountPath: /etc/otel-collector
      readOnly: true
{{- end }}
{{- end }}
