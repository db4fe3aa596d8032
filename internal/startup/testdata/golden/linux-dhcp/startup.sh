#!/bin/sh
# Loads the release of a channel from Cloud Storage. It runs at every boot and may
# be run at any time. It was rendered: change the configuration instead.
MODE='dhcp'
ADAPTER='eth1'
PROVISIONAL=''
HOST='22290.cloud.storage.gogrid.com'
SHARE='22290'
USERNAME='22290'
PASSWORD_FILE='/etc/gogrid/storage.password'
MOUNT_POINT=''
CHANNEL='web'
INSTALLER='/usr/local/lib/gogrid/install.sh'
EXTRA=''

routes() {
	route '10.0.0.0/8' '10.110.0.1'
}

certificates() {
	:
}

(fixed part)
(fixed part)
