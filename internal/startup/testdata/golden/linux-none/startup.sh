#!/bin/sh
# Loads the release of a channel from Cloud Storage. It runs at every boot and may
# be run at any time. It was rendered: change the configuration instead.
MODE='none'
ADAPTER='eth1'
PROVISIONAL=''
HOST='cloud.test'
SHARE='s'
USERNAME='u'
PASSWORD_FILE='/p'
MOUNT_POINT=''
CHANNEL='db'
INSTALLER='/usr/local/lib/gogrid/install.sh'
EXTRA=''

routes() {
	:
}

certificates() {
	:
}

(fixed part)
(fixed part)
