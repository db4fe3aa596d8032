#!/bin/sh
# Loads the release of a channel from Cloud Storage. It runs at every boot and may
# be run at any time. It was rendered: change the configuration instead.
MODE='host_map'
ADAPTER='eth2'
PROVISIONAL='10.110.0.250/24'
HOST='10.110.0.3'
SHARE='100% $hare'
USERNAME='a%b^c&d!e|f<g>h(i)j'\''k $l'
PASSWORD_FILE='/etc/it'\''s/the password'
MOUNT_POINT='/mnt/cloud-storage'
CHANNEL='web.blue'
INSTALLER='/usr/local/lib/gogrid/install.sh'
EXTRA='/usr/local/lib/gogrid/extra.sh'

routes() {
	:
}

certificates() {
	certificate 'certs/site.pfx' '/etc/gogrid/site.password' '/etc/pki/site'
	certificate 'certs/other.p12' '' '/etc/pki/other'
}

(fixed part)
(fixed part)
