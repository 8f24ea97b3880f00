"""Deployments: personas put where visitors find them, as a widget, an embed or a landing page."""
