{{/* What every pod has alike: an account without rights, a root file system that cannot be written, secrets as files. */}}

{{- define "quote.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "quote.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "quote.environment" -}}
{{- range $name := list "DATABASE_URL" "REDIS_URL" "QUOTE_JWT_KEYS" "QUOTE_SIGNING_KEYS" "QUOTE_RECEIPT_KEYS" }}
- {name: {{ $name }}_FILE, value: /run/secrets/quote-service/{{ $name }}}
{{- end }}
{{- if .Values.secrets.hasStockRedis }}
- {name: QUOTE_STOCK_REDIS_URL_FILE, value: /run/secrets/quote-service/QUOTE_STOCK_REDIS_URL}
{{- end }}
{{- if .Values.secrets.hasKafkaPassword }}
- {name: QUOTE_KAFKA_PASSWORD_FILE, value: /run/secrets/quote-service/QUOTE_KAFKA_PASSWORD}
{{- end }}
{{- if .Values.kafka.enabled }}
- {name: QUOTE_EVENT_BUS, value: kafka}
- {name: QUOTE_KAFKA_SERVERS, value: {{ required "kafka.servers is required with kafka.enabled" .Values.kafka.servers | quote }}}
- {name: QUOTE_KAFKA_REPLICATION, value: {{ .Values.kafka.replication | quote }}}
{{- end }}
{{- if .Values.spark.enabled }}
{{- if not .Values.kafka.enabled }}{{ fail "spark.enabled needs kafka.enabled: Spark reads events from Kafka" }}{{ end }}
- {name: QUOTE_ANALYTICS_ENGINE, value: spark}
{{- end }}
- {name: QUOTE_HOST, value: "0.0.0.0"}
- {name: QUOTE_METRICS_HOST, value: "0.0.0.0"}
- {name: QUOTE_METRICS_PORT, value: {{ .Values.metricsPort | quote }}}
- {name: QUOTE_WORKER_METRICS_PORT, value: {{ .Values.metricsPort | quote }}}
- {name: QUOTE_DRAIN_SECONDS, value: {{ .Values.drainSeconds | quote }}}
- {name: QUOTE_SHUTDOWN_SECONDS, value: {{ .Values.shutdownSeconds | quote }}}
{{- with .Values.otlpEndpoint }}
- {name: QUOTE_OTLP_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- range $name, $value := .Values.settings }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end -}}

{{- define "quote.mounts" -}}
- {name: secrets, mountPath: /run/secrets/quote-service, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- end -}}

{{- define "quote.volumes" -}}
- name: secrets
  secret: {secretName: {{ .root.Values.secrets.existingSecret }}, defaultMode: 0440}
- name: tmp
  emptyDir: {sizeLimit: {{ .tmp }}}
{{- end -}}

{{- define "quote.spread" -}}
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "quote.selector" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
{{- end -}}
