"""HTML whose styles are brackets within brackets: more than a parser of styles can take, in an output and in Markdown."""
# modes: bare

# %% after linear_gain
for bracket in "([{":
    display({"text/html": f'<p style="color:{bracket * 9000}">x</p>'}, raw=True)
    display({"text/html": '<p style="color:' + f"a{bracket}" * 4000 + '">x</p>'}, raw=True)
    display({"text/markdown": f'<p style="color:{bracket * 9000}">x</p>'}, raw=True)
