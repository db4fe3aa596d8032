# Copyright (c) The terraform-provider-gogrid authors
# SPDX-License-Identifier: MPL-2.0
"""Drives a simulated grid with Apache Libcloud's GoGrid drivers.

Other people wrote Libcloud against the real service, so the members that it
reads are members that the service sent. The only argument is the path of the
simulator's ready file. Any difference ends the script with an error.
"""

import json
import ssl
import sys
import time
import urllib.request
from urllib.parse import urlsplit

import libcloud.security
from libcloud.common.types import InvalidCredsError
from libcloud.compute.drivers.gogrid import GoGridNodeDriver
from libcloud.compute.types import NodeState
from libcloud.loadbalancer.base import Algorithm, Member
from libcloud.loadbalancer.drivers.gogrid import GoGridLBDriver
from libcloud.loadbalancer.types import State

IMAGE = 'CentOS 6.2 (64-bit) w/ None'
DATACENTER = 'US-West-1'


def expect(what, got, want):
    if got != want:
        raise AssertionError('%s: got %r, want %r' % (what, got, want))
    print('ok  %s' % what)


class Session(object):
    def __init__(self, facts):
        self.facts = facts
        self.tls = None
        if 'ca_file' in facts:
            libcloud.security.CA_CERTS_PATH = facts['ca_file']
            self.tls = ssl.create_default_context(cafile=facts['ca_file'])
        self.compute = self.driver(GoGridNodeDriver)
        self.balancers = self.driver(GoGridLBDriver)

    def driver(self, driver, secret=None):
        at = urlsplit(self.facts['endpoint'])
        return driver(self.facts['api_key'], secret or self.facts['shared_secret'],
                      secure=at.scheme == 'https', host=at.hostname, port=at.port)

    def advance(self, seconds):
        """Moves the grid's clock. Also replaces time.sleep: Libcloud sleeps
        minutes between its polls."""
        request = urllib.request.Request(
            self.facts['admin'] + '/clock',
            data=json.dumps({'advance': '%ds' % seconds}).encode(),
            headers={'Content-Type': 'application/json'})
        urllib.request.urlopen(request, context=self.tls).close()

    def node(self, node):
        return next((n for n in self.compute.list_nodes() if n.id == node.id), None)


def find(items, name):
    return next(item for item in items if item.name == name)


def reads(session):
    compute = session.compute
    images = compute.list_images()
    image = find(images, IMAGE)
    expect('list_images gives ids', all(i.id for i in images), True)
    sizes = compute.list_sizes()
    expect('list_sizes', sorted(s.id for s in sizes),
           ['16GB', '1GB', '24GB', '2GB', '4GB', '512MB', '8GB'])
    location = find(compute.list_locations(), DATACENTER)
    expect('list_images by location',
           [i.id for i in compute.list_images(location) if i.id == image.id], [image.id])
    ips = compute.ex_list_ips(public=True, assigned=False, location=location)
    expect('ex_list_ips public, unassigned',
           {(ip.public, ip.state, ip.location.name) for ip in ips},
           {(True, 'Unassigned', DATACENTER)})
    private = compute.ex_list_ips(public=False)
    expect('ex_list_ips private', {ip.public for ip in private}, {False})
    return image, find(sizes, '512MB'), find(sizes, '1GB'), location


def servers(session, image, small, large, location):
    compute = session.compute
    before = {ip.ip for ip in compute.ex_list_ips(assigned=True)}
    pending = compute.ex_create_node_nowait('nowait', small, image, location=location)
    expect('ex_create_node_nowait has no id yet', pending.id, None)
    expect('ex_create_node_nowait assigns the address at once',
           {ip.ip for ip in compute.ex_list_ips(assigned=True)} - before,
           set(pending.public_ips))

    node = compute.create_node(name='libcloud', size=small, image=image,
                               ex_description='made by a foreign client')
    expect('create_node waits for an id', node.id is not None, True)
    expect('create_node tells the size', node.extra['ram'], '512MB')
    expect('create_node tells the description', node.extra['description'],
           'made by a foreign client')
    session.advance(600)
    expect('list_nodes shows it running', session.node(node).state, NodeState.RUNNING)
    expect('list_nodes brings the password along', bool(session.node(node).extra['password']), True)

    edited = compute.ex_edit_node(node=node, size=large, ex_description='larger')
    expect('ex_edit_node tells the new size', edited.extra['ram'], '1GB')
    session.advance(600)
    expect('ex_edit_node', (session.node(node).extra['ram'], session.node(node).extra['description']),
           ('1GB', 'larger'))

    expect('reboot_node', compute.reboot_node(node), True)
    session.advance(600)
    expect('reboot_node ends with a running server', session.node(node).state, NodeState.RUNNING)

    images(session, node)
    return node


def images(session, node):
    compute = session.compute
    saved = compute.ex_save_image(node, 'libcloud-image')
    expect('ex_save_image names the image', saved.name, 'libcloud-image')
    session.advance(3600)
    expect('list_images shows the saved one',
           [i.id for i in compute.list_images() if i.name == 'libcloud-image'], [saved.id])
    edited = compute.ex_edit_image(image=saved, public=False, name='renamed',
                                   ex_description='edited')
    expect('ex_edit_image', (edited.id, edited.name), (saved.id, 'renamed'))


def load_balancers(session, node):
    balancers = session.balancers
    first = Member(None, node.public_ips[0], 80)
    balancer = balancers.create_balancer(
        name='pool', port=80, protocol='http', algorithm=Algorithm.ROUND_ROBIN, members=[first])
    expect('create_balancer waits for an id', balancer.id is not None, True)
    session.advance(600)
    expect('list_balancers', [(b.id, b.state) for b in balancers.list_balancers()],
           [(balancer.id, State.RUNNING)])
    expect('get_balancer', balancers.get_balancer(balancer_id=balancer.id).port, 80)

    location = find(session.compute.list_locations(), DATACENTER)
    second = session.compute.ex_list_ips(public=True, assigned=False, location=location)[-1].ip
    member = balancers.balancer_attach_member(balancer, Member(None, second, 8080))
    expect('balancer_attach_member', (member.ip, str(member.port)), (second, '8080'))
    session.advance(600)
    expect('balancer_list_members', sorted(m.ip for m in balancers.balancer_list_members(balancer)),
           sorted([node.public_ips[0], second]))
    expect('balancer_detach_member', balancers.balancer_detach_member(balancer, member), True)
    session.advance(600)
    expect('balancer_list_members after detach',
           [m.ip for m in balancers.balancer_list_members(balancer)], node.public_ips)
    expect('destroy_balancer', balancers.destroy_balancer(balancer), True)
    session.advance(600)
    expect('list_balancers after destroy', balancers.list_balancers(), [])


def destruction(session):
    compute = session.compute
    nodes = compute.list_nodes()
    addresses = {ip for node in nodes for ip in node.public_ips}
    for node in nodes:
        expect('destroy_node %s' % node.name, compute.destroy_node(node), True)
    session.advance(600)
    expect('list_nodes after destroy', compute.list_nodes(), [])
    assigned = {ip.ip for ip in compute.ex_list_ips(public=True, assigned=True)}
    expect('destroy_node frees the addresses', assigned & addresses, set())


def refusals(session):
    try:
        session.driver(GoGridNodeDriver, secret='wrong').list_images()
    except InvalidCredsError as e:
        expect('a wrong secret', e.value, 'Invalid credentials')
    else:
        raise AssertionError('a wrong secret was accepted')


def main(ready_file):
    with open(ready_file) as f:
        session = Session(json.load(f))
    time.sleep = session.advance
    image, small, large, location = reads(session)
    node = servers(session, image, small, large, location)
    load_balancers(session, node)
    refusals(session)
    destruction(session)


if __name__ == '__main__':
    main(sys.argv[1])
