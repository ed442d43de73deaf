/* SPDX-License-Identifier: MIT */
/* The releases in this folder, newest first; written by refresh-schemas. */
KUBE_DATA(1_37, "v1.37.0")
KUBE_DATA(1_36, "v1.36.0")
KUBE_DATA(1_35, "v1.35.0")
