"""Signing in as a person does it: with a second factor, by keyboard alone, and with a provider at another site.

Source: docs/spec/web.md#sessions; docs/spec/web.md#own-account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyotp
import pytest
from playwright.async_api import Browser, Page

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.settings import Key, Settings
from tests.access.running import UNLIMITED, Person, RunningService, running
from tests.fixtures.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider, identity_provider
from tests.web.browser.conftest import PATIENCE_MS
from tests.web.browser.test_every_page import AXE, FINDINGS, RULES

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    """A provider at another site than the service, which calls itself by its address."""
    with identity_provider("localhost") as started:
        yield started


@pytest.fixture(scope="module")
def service(database_url: str, valkey_server: ValkeyServer, provider: IdentityProvider) -> Iterator[RunningService]:
    settings = Settings(
        database_url=database_url,
        redis_url=valkey_server.url,
        jwt_keys=(Key("dev", b"j" * 32),),
        signing_keys=(Key("dev", b"s" * 32),),
        receipt_keys=(Key("dev", b"r" * 32),),
        development=True,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_name="Acme",
        oidc_role_claim="groups",
        oidc_roles=("pricing=pricing_manager",),
        **UNLIMITED,
    )
    with running(settings) as started:
        yield started


async def has_no_barrier(page: Page) -> None:
    await page.wait_for_load_state("networkidle")
    await page.add_script_tag(path=AXE)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert await page.evaluate(FINDINGS, RULES) == [], (page.url, scheme)
    for width in (360, 1280):
        await page.set_viewport_size({"width": width, "height": 900})
        out = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert out <= 0, (page.url, width)


async def new_page(browser: Browser, service: RunningService) -> Page:
    context = await browser.new_context(base_url=service.url, bypass_csp=True, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    return await context.new_page()


async def type_password(page: Page, person: Person) -> None:
    """Sign in without a mouse: the first field has the focus."""
    await page.goto("/sign-in")
    await page.keyboard.type(person.email)
    await page.keyboard.press("Tab")
    await page.keyboard.type(person.password)
    await page.keyboard.press("Enter")


async def test_a_provider_at_another_site_leads_in(
    browser: Browser, service: RunningService, provider: IdentityProvider
) -> None:
    provider.person = {"sub": "ada", "email": "ada@example.com", "email_verified": True, "groups": ["pricing"]}
    page = await new_page(browser, service)
    await page.goto("/admin/playground")
    await page.wait_for_url(re.compile(r"/sign-in\?next="))
    await has_no_barrier(page)
    await page.get_by_role("link", name="Continue with Acme").click()
    await page.wait_for_url(re.compile(r"/authorize\?"))
    # Back from there a browser brings no cookie that is strict: the page in between makes it come along.
    await page.get_by_role("link", name="Allow").click()
    await page.wait_for_url(f"{service.url}/admin/playground")
    await page.goto("/account")
    assert await page.get_by_text("Linked to Acme").is_visible()
    await page.get_by_text("ada@example.com").first.click()
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_role("link", name="sign out of Acme").click()
    await page.wait_for_url(re.compile(r"/bye\?"))
    await page.context.close()


async def test_a_second_factor_by_keyboard_alone(
    browser: Browser, service: RunningService, people: dict[str, Person]
) -> None:
    person, page = people["pricing_manager"], await new_page(browser, service)
    await type_password(page, person)
    await page.wait_for_url("**/admin")
    await page.goto("/account")
    await page.get_by_label("Current password").first.focus()
    await page.keyboard.type(person.password)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".qr img")
    await has_no_barrier(page)
    secret = await page.locator('input[name="secret"]').get_attribute("value")
    assert secret is not None
    await page.get_by_label("Code").focus()
    await page.keyboard.type(pyotp.TOTP(secret).now())
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#codes")
    code = (await page.locator("#codes").inner_text()).split()[0]
    other = await new_page(browser, service)
    await type_password(other, person)
    await other.wait_for_selector("#code:focus")
    await has_no_barrier(other)
    await other.keyboard.type(code)
    await other.keyboard.press("Enter")
    await other.wait_for_url("**/admin")
    await other.goto("/account")
    assert await other.get_by_text("9 recovery codes are left").is_visible()
    # The other browser's session, ended from this one.
    await other.get_by_role("row").nth(2).get_by_role("button").focus()
    await other.keyboard.press("Enter")
    await other.wait_for_url(re.compile(r"/account\?done=session"))
    await page.goto("/admin")
    await page.wait_for_url(re.compile(r"/sign-in\?next="))
    await page.context.close()
    await other.context.close()
