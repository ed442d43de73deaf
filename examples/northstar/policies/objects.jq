# Every object is somebody's, and holds no secret. Says what is wrong with one object.
(select(.kind == "Secret" and (((.data // {}) + (.stringData // {})) | length > 0)) | "holds a secret; let an ExternalSecret fetch it"),
(select((.kind == "Deployment" or .kind == "StatefulSet" or .kind == "CronJob" or .kind == "Job" or .kind == "DaemonSet")
    and (.metadata.labels["northstar.example/owner"] | not)) | "is nobody's: it has no label northstar.example/owner"),
(select(.kind == "Service" and .spec.type == "NodePort") | "is a NodePort: the firewall of the nodes lets nobody in")
